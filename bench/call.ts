/**
 * An allowed MCP call, its permit durable before the upstream has a byte: what the gateway adds for one client, what is
 * left of the direct rate at eight, and what its main thread spends. Rounds alternate, direct and through the gateway,
 * so that whatever else the machine does falls on both; the medians are over the pairs.
 * Run: npm run bench call
 */
import { type Bench, median, type Report, runAlone, shown } from './goals.ts';
import { openDisk } from './processes/disk.ts';
import type { Target } from './processes/load.ts';
import { openStage, type Stage } from './processes/stage.ts';

const CLIENTS = 8;
/** Bare commits beside each pair of rounds. */
const COMMITS = 60;

type Round = {
  readonly median_us: number;
  readonly per_s: number;
  readonly cpu_us: number;
  readonly all_us: number;
};
type Pair = { readonly direct: Round; readonly guarded: Round; readonly commit_ms: number };

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
    all_us: (after.all_us - before.all_us) / us.length,
  };
}

async function pairs(
  stage: Stage,
  sized: { readonly clients: number; readonly calls: number },
  count: number,
): Promise<readonly Pair[]> {
  const disk = openDisk();
  const done: Pair[] = [];
  for (let n = 0; n < count; n += 1) {
    const direct = await round(stage, stage.direct, sized);
    const commit_ms = disk.commit(COMMITS);
    const guarded = await round(stage, stage.guarded[0], sized);
    done.push({ direct, guarded, commit_ms });
  }
  disk.close();
  return done;
}

const of = (all: readonly Pair[], value: (pair: Pair) => number): number => median(all.map(value));

function reported(alone: readonly Pair[], together: readonly Pair[]): Report {
  const direct_ms = of(alone, ({ direct }) => direct.median_us / 1000);
  const added_ms = of(alone, ({ direct, guarded }) => (guarded.median_us - direct.median_us) / 1000);
  const commit_ms = of(alone, (pair) => pair.commit_ms);
  const rate = of(together, ({ direct, guarded }) => guarded.per_s / direct.per_s);
  const direct_per_s = of(together, ({ direct }) => direct.per_s);
  const cpu_us = of(together, ({ guarded }) => guarded.cpu_us);
  const wall_us = 1e6 / direct_per_s;
  return {
    measured: [
      {
        goal: 'call_added',
        got: added_ms,
        baseline: { name: 'one bare durable commit', value: commit_ms, unit: ' ms' },
        ratio: added_ms / commit_ms,
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
        baseline: { name: 'a direct call, of eight at once', value: wall_us, unit: ' µs' },
        ratio: cpu_us / wall_us,
      },
    ],
    also: [
      ['a direct call, one client, median', shown(direct_ms, ' ms')],
      ['added beyond one bare durable commit', shown(of(alone, addedBeyondDisk), ' ms')],
      [
        'through the gateway, eight clients',
        shown(
          of(together, ({ guarded }) => guarded.per_s),
          '/s',
        ),
      ],
      [
        'all threads a call, eight clients',
        shown(
          of(together, ({ guarded }) => guarded.all_us),
          ' µs',
        ),
      ],
      [
        'main thread a call, one client',
        shown(
          of(alone, ({ guarded }) => guarded.cpu_us),
          ' µs',
        ),
      ],
    ],
  };
}

const addedBeyondDisk = ({ direct, guarded, commit_ms }: Pair): number =>
  (guarded.median_us - direct.median_us) / 1000 - commit_ms;

export const bench: Bench = async ({ quick }) => {
  const stage = await openStage({ agents: 1 });
  const [rounds, warm, one, many] = quick ? [1, 20, 20, 40] : [9, 3000, 300, 1500];
  try {
    await pairs(stage, { clients: CLIENTS, calls: warm }, 1);
    const alone = await pairs(stage, { clients: 1, calls: one }, rounds);
    const together = await pairs(stage, { clients: CLIENTS, calls: many }, rounds);
    return reported(alone, together);
  } finally {
    await stage.close();
  }
};

await runAlone(import.meta.url, bench);
