// Rules counted from calls: each call once for each rule that decided it, the busiest first.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byRule } from './by-rule.ts';

describe('rules, from the calls they decided', () => {
  it('counts each', () =>
    assert.deepEqual(
      byRule([
        { rules: ['reads'], decision: 'allowed' },
        { rules: ['refunds', 'night'], decision: 'held' },
        { rules: ['refunds'], decision: 'denied' },
        { rules: [], decision: 'denied' },
      ]),
      [
        { rule: 'refunds', allowed: 0, held: 1, denied: 1 },
        { rule: 'reads', allowed: 1, held: 0, denied: 0 },
        { rule: 'night', allowed: 0, held: 1, denied: 0 },
      ],
    ));
  it('nothing of nothing', () => assert.deepEqual(byRule([]), []));
});
