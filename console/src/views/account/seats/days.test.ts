// A day as people pick it is the whole of that day where they are, on days of 23 and 25 hours too.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dayOf, lastOf, startOf } from './days.ts';

process.env['TZ'] = 'Europe/Berlin';

describe('days', () => {
  for (const [day, from, until] of [
    ['2026-11-28', '2026-11-27T23:00:00.000Z', '2026-11-28T22:59:59.999Z'],
    ['2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
    ['2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
  ] as const)
    it(day, () => {
      assert.equal(new Date(startOf(day) ?? 0).toISOString(), from);
      assert.equal(new Date(lastOf(day) ?? 0).toISOString(), until);
      assert.equal(dayOf(lastOf(day) ?? 0), day);
    });

  for (const text of ['', '2026-13-01', 'soon'])
    it(`${text || 'nothing'} is no day`, () =>
      assert.deepEqual([startOf(text), lastOf(text)], [undefined, undefined]));
});
