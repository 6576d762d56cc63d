/**
 * An allowed MCP call, its permit durable before the upstream has a byte: what the gateway adds for one client, what is
 * left of the direct rate at eight, and what its main thread spends. Rounds alternate, direct and through the gateway,
 * so that whatever else the machine does falls on both; the medians are over the pairs.
 * Run: npm run bench call
 */
import { type Bench, median, runAlone } from './goals.ts';
import type { Target } from './processes/load.ts';
import { openStage, type Stage } from './processes/stage.ts';

const CLIENTS = 8;

type Round = { readonly median_us: number; readonly per_s: number; readonly cpu_us: number };
type Pair = { readonly direct: Round; readonly guarded: Round };

async function round(
  { gateway, load }: Stage,
  target: Target,
  sized: { readonly clients: number; readonly calls: number },
): Promise<Round> {
  const before = await gateway.ask('usage', undefined);
  const { us, took_ms } = await load.ask('calls', { target, ...sized });
  const after = await gateway.ask('usage', undefined);
  return {
    median_us: median(us),
    per_s: (us.length / took_ms) * 1000,
    cpu_us: (after.cpu_us - before.cpu_us) / us.length,
  };
}

async function pairs(
  stage: Stage,
  sized: { readonly clients: number; readonly calls: number },
  count: number,
): Promise<readonly Pair[]> {
  const done: Pair[] = [];
  for (let n = 0; n < count; n += 1) {
    const direct = await round(stage, stage.direct, sized);
    const guarded = await round(stage, stage.guarded[0], sized);
    done.push({ direct, guarded });
  }
  return done;
}

export const bench: Bench = async ({ quick }) => {
  const stage = await openStage({ agents: 1 });
  const [rounds, warm, one, many] = quick ? [1, 20, 20, 40] : [9, 3000, 500, 2000];
  try {
    await pairs(stage, { clients: CLIENTS, calls: warm }, 1);
    const alone = await pairs(stage, { clients: 1, calls: one }, rounds);
    const together = await pairs(stage, { clients: CLIENTS, calls: many }, rounds);
    const direct_us = median(alone.map(({ direct }) => direct.median_us));
    const added_ms = median(alone.map(({ direct, guarded }) => guarded.median_us - direct.median_us)) / 1000;
    const rate = median(together.map(({ direct, guarded }) => guarded.per_s / direct.per_s));
    const direct_per_s = median(together.map(({ direct }) => direct.per_s));
    const cpu_us = median(together.map(({ guarded }) => guarded.cpu_us));
    const cpu_alone_us = median(alone.map(({ guarded }) => guarded.cpu_us));
    const guarded_us = median(alone.map(({ guarded }) => guarded.median_us));
    const guarded_per_s = median(together.map(({ guarded }) => guarded.per_s));
    return {
      measured: [
        {
          goal: 'call_added',
          got: added_ms,
          baseline: { name: 'direct call', value: direct_us / 1000, unit: ' ms' },
          ratio: guarded_us / direct_us,
        },
        {
          goal: 'call_rate',
          got: rate,
          baseline: { name: 'direct rate', value: direct_per_s, unit: '/s' },
          ratio: rate,
        },
        {
          goal: 'call_cpu',
          got: cpu_us,
          baseline: { name: 'a direct call takes, as a whole', value: direct_us, unit: ' µs' },
          ratio: cpu_us / direct_us,
        },
      ],
      also: [
        ['through the gateway, one client, median', `${(guarded_us / 1000).toFixed(2)} ms`],
        ['through the gateway, eight clients', `${guarded_per_s.toFixed(0)}/s`],
        ['main thread a call, one client', `${cpu_alone_us.toFixed(0)} µs`],
      ],
    };
  } finally {
    await stage.close();
  }
};

await runAlone(import.meta.url, bench);
