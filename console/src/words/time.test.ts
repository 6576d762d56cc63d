import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clockTime, exactTime, logTime, secondTime } from './time.ts';

describe('a time of day is said one way on every page', () => {
  const at = new Date(2026, 10, 21, 15, 4, 5).getTime();
  const cases = {
    clock: clockTime(at),
    exact: exactTime(at),
    log: logTime(at),
    second: secondTime(at, at),
    'of another day': secondTime(at, at + 86_400_000),
  };
  for (const [name, said] of Object.entries(cases))
    it(`${name}: by 24 hours`, () => {
      assert.match(said, /\b15:04/);
      assert.doesNotMatch(said, /[AP]\.?M/i);
    });
});
