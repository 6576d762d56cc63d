import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

/** The slowest case takes a fiftieth of this; one whose time grows with the square of the text takes far more. */
const CASE_DEADLINE_MS = 10_000;

test('patterns: 200 KB of the worst text ends for every one of them (ReDoS)', async () => {
  const worker = new Worker(new URL('../testdata/adversary.ts', import.meta.url));
  const stuck = await new Promise<string | undefined>((resolve, reject) => {
    let deadline = setTimeout(resolve, CASE_DEADLINE_MS, 'the start');
    worker.on('message', (running: string) => {
      clearTimeout(deadline);
      if (running === 'done') resolve(undefined);
      else deadline = setTimeout(resolve, CASE_DEADLINE_MS, running);
    });
    worker.on('error', reject);
  });
  await worker.terminate();
  assert.equal(stuck, undefined);
});
