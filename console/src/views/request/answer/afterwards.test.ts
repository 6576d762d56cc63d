import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterwards } from './afterwards.ts';
import type { Given } from './props.ts';

const given = (status: string): Given =>
  ({ decision: 'approved', result: { status, quorum: { filled: 1, needed: 2 } } }) as unknown as Given;

describe('A25: what is said after an answer is what came of it so far', () => {
  const cases: readonly (readonly [status: string, runs: readonly string[], want: RegExp])[] = [
    ['pending', [], /^Recorded: 1 of 2 so far/],
    ['denied', [], /^It will not run/],
    ['approved', [], /approval alone runs nothing/],
    ['approved', ['started'], /^It is running now/],
    ['approved', ['succeeded'], /^It ran, and succeeded/],
    ['approved', ['succeeded', 'failed'], /^It was begun, and failed/],
    ['approved', ['unknown'], /^It may have run/],
    ['approved', ['toString'], /^It may have run/],
  ];
  for (const [status, runs, want] of cases)
    it(`${status}, ${runs.join(' then ') || 'nothing run'}`, () => {
      const executions = runs.map((each) => ({ status: each }));
      assert.match(afterwards({ given: given(status), executions }), want);
    });
});
