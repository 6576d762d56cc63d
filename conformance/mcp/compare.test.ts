import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { equal, perfect } from './compare.ts';
import type { Results } from './suite.ts';

function results(...lines: [scenario: string, ...checks: string[]][]): Results {
  const parsed = lines.map(([scenario, ...checks]) => {
    const list = checks.map((check) => {
      const [id = '', status = ''] = check.split(' ');
      return { id, status, message: undefined };
    });
    return [scenario, list] as const;
  });
  return new Map(parsed);
}

describe('a direct run', () => {
  const cases: [string, Results, boolean][] = [
    ['all succeed', results(['s', 'a SUCCESS', 'b SUCCESS']), true],
    ['one fails', results(['s', 'a SUCCESS', 'b FAILURE']), false],
    ['a warning is not success', results(['s', 'a WARNING']), false],
    ['a skipped check is not success', results(['s', 'a SKIPPED']), false],
    ['but for the one nobody can pass', results(['s', 'tasks-status-notifications SKIPPED']), true],
  ];
  for (const [name, given, ok] of cases) {
    it(name, () =>
      assert.equal(
        perfect(given).every((line) => line.ok),
        ok,
      ),
    );
  }
});

describe('two runs', () => {
  const reference = results(['s', 'a SUCCESS', 'a SUCCESS', 'b SKIPPED'], ['t', 'c SUCCESS']);
  const cases: [string, Results, string[]][] = [
    ['the same', reference, []],
    ['another order', results(['t', 'c SUCCESS'], ['s', 'b SKIPPED', 'a SUCCESS', 'a SUCCESS']), []],
    [
      'a check less',
      results(['s', 'a SUCCESS', 'b SKIPPED'], ['t', 'c SUCCESS']),
      ['a SUCCESS: 1 × instead of 2 ×'],
    ],
    [
      'another outcome',
      results(['s', 'a SUCCESS', 'a FAILURE', 'b SKIPPED'], ['t', 'c SUCCESS']),
      ['a SUCCESS: 1 × instead of 2 ×', 'a FAILURE: 1 × instead of 0 ×'],
    ],
    [
      'a scenario missing',
      results(['s', 'a SUCCESS', 'a SUCCESS', 'b SKIPPED']),
      ['c SUCCESS: 0 × instead of 1 ×'],
    ],
    [
      'a scenario too many',
      results(['s', 'a SUCCESS', 'a SUCCESS', 'b SKIPPED'], ['t', 'c SUCCESS'], ['u', 'd SUCCESS']),
      ['d SUCCESS: 1 × instead of 0 ×'],
    ],
  ];
  for (const [name, given, want] of cases) {
    it(name, () =>
      assert.deepEqual(
        equal(reference, given).flatMap((line) => line.notes),
        want,
      ),
    );
  }
});
