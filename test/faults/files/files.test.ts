/** A few of the changes to files, broken in each way; `npm run faults` breaks every one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileFault } from './breaking.ts';
import { countChanges, fileTrial } from './sweep.ts';

describe('A20: files that cannot be written', () => {
  it('sees every change to a file that the story makes', async () => {
    const count = await countChanges();
    assert.ok(count >= 80, `only ${count}: the files are written another way now`);
  });

  const some: readonly FileFault[] = [
    { nth: 3, how: 'kill' },
    { nth: 9, how: 'fail-before' },
    { nth: 35, how: 'kill' },
    { nth: 50, how: 'fail-before' },
    { nth: 65, how: 'fail-after' },
    { nth: 75, how: 'kill' },
  ];
  for (const fault of some) {
    it(`change ${fault.nth}: ${fault.how}`, async () => assert.deepEqual(await fileTrial(fault), []));
  }
});
