/** A little of each target, from a fixed seed, so that `npm test` says the same each time; `npm run fuzz` looks further. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runBatch } from './target.ts';
import { TARGETS } from './targets.ts';

for (const target of TARGETS) {
  it(`fuzz: ${target.name}`, async () => {
    for (const seed of [1, 2]) assert.equal((await runBatch(target, seed))?.report, undefined);
  });
}
