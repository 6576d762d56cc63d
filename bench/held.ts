/**
 * Two thousand calls held for review in one process, each on its open connection: what the process then weighs, and
 * what a held call weighs. Every one is its own request, with its own bytes, entry and stream. The gateway is the built
 * package; with COUNTERSIGN_BENCH_HEAP=FOLDER a heap snapshot of its main thread, taken last, is written there.
 * Run: npm run bench held
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, runAlone, shown } from './goals.ts';
import { openStage } from './processes/stage.ts';

const AGENTS = 4;
const CONCURRENCY = 16;
/** What was needed to open them may be collected, and the log has taken them. */
const SETTLE_MS = 5_000;

export const bench: Bench = async ({ quick }) => {
  const heap_folder = process.env['COUNTERSIGN_BENCH_HEAP'];
  const count = quick ? 8 : 2_000;
  const stage = await openStage({ agents: AGENTS });
  try {
    const before = await stage.gateway.ask('usage', undefined);
    const began = performance.now();
    for (const target of stage.guarded)
      await stage.load.ask('hold', { target, count: count / AGENTS, concurrency: CONCURRENCY });
    const took_s = (performance.now() - began) / 1000;
    const opened = await stage.gateway.ask('usage', undefined);
    if (!quick) await sleep(SETTLE_MS);
    const held = await stage.gateway.ask('usage', undefined);
    const open = await stage.load.ask('open', undefined);
    if (open !== count) throw new Error(`${open} of ${count} calls are still open`);
    if (heap_folder !== undefined)
      await stage.gateway.ask('snapshot', join(heap_folder, 'held.heapsnapshot'));
    const rss_mb = Math.max(opened.rss, held.rss) / 1e6;
    return {
      measured: [
        {
          goal: 'held_memory',
          got: rss_mb,
          baseline: { name: 'with none held', value: before.rss / 1e6, unit: ' MB' },
          ratio: rss_mb / (before.rss / 1e6),
        },
      ],
      also: [
        ['right after the last was held', shown(opened.rss / 1e6, ' MB')],
        ['once settled', shown(held.rss / 1e6, ' MB')],
        ['the most it ever was', shown(held.rss_most / 1e6, ' MB')],
        ['heap in use, once settled', shown(held.heap / 1e6, ' MB')],
        ['a held call', shown((held.rss - before.rss) / count / 1e3, ' kB')],
        ['opened', shown(count / took_s, '/s')],
      ],
    };
  } finally {
    await stage.load.ask('hangUp', undefined).catch(() => undefined);
    await stage.close();
  }
};

await runAlone(import.meta.url, bench);
