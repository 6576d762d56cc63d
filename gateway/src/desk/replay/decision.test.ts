import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Requirement } from '@countersign/core';
import type { SimulatedDecision } from '@countersign/sdk';
import { difference } from './decision.ts';

const seat = (by: `group:${string}`, count = 1, proof: 'session' | 'passkey' = 'session') => ({
  by,
  count,
  proof,
});
const needs = (over: Partial<Requirement> = {}): Requirement => ({
  seats: [seat('group:dba')],
  choices: [],
  exclude: [],
  within_ms: 60_000,
  valid_ms: 60_000,
  uses: 1,
  ...over,
});
const asks = (over: Partial<Requirement> = {}): SimulatedDecision => ({
  effect: 'require',
  risk: 'low',
  requirement: needs(over),
  obligations: [],
});
const ALLOW: SimulatedDecision = { effect: 'allow', risk: 'low', obligations: [] };
const DENY: SimulatedDecision = { effect: 'deny', risk: 'low' };
const mask = (...kinds: string[]) => ({ ...ALLOW, obligations: [{ type: 'mask', properties: { kinds } }] });
const choice = (rule: string) => ({ choices: [{ rule, anyOf: [[seat('group:a')], [seat('group:b')]] }] });

const cases: readonly (readonly [
  string,
  SimulatedDecision,
  SimulatedDecision,
  readonly [string, string] | undefined,
])[] = [
  ['the same', ALLOW, ALLOW, undefined],
  ['it runs where it was refused', DENY, ALLOW, ['effect', 'looser']],
  ['it is refused where it asked', asks(), DENY, ['effect', 'stricter']],
  ['it runs where it asked', asks(), ALLOW, ['effect', 'looser']],
  ['one more person', asks(), asks({ seats: [seat('group:dba', 2)] }), ['review', 'stricter']],
  ['a weaker proof', asks({ seats: [seat('group:dba', 1, 'passkey')] }), asks(), ['review', 'looser']],
  ['another group', asks(), asks({ seats: [seat('group:ops')] }), ['review', 'different']],
  [
    'one more person, and more time',
    asks(),
    asks({ seats: [seat('group:dba', 2)], within_ms: 90_000 }),
    ['review', 'different'],
  ],
  ['somebody barred', asks(), asks({ exclude: ['group:x'] }), ['review', 'stricter']],
  ['a grant offered', asks(), asks({ grant: { lasts_ms: 60_000, uses: 2 } }), ['review', 'looser']],
  ['a choice of a rule called otherwise', asks(choice('one')), asks(choice('two')), undefined],
  ['masking lost', mask('pii'), ALLOW, ['obligations', 'looser']],
  ['masking gained', ALLOW, mask('pii'), ['obligations', 'stricter']],
  ['other masking', mask('pii'), mask('pci'), ['obligations', 'different']],
  ['more risk', ALLOW, { ...ALLOW, risk: 'high' }, ['risk', 'stricter']],
  ['less', { ...asks(), risk: 'critical' }, asks(), ['risk', 'looser']],
  ['effects alone, where that is all there is', { effect: 'deny' }, { effect: 'deny' }, undefined],
];
for (const [what, from, to, want] of cases)
  it(what, () => {
    const found = difference(from, to);
    assert.deepEqual(found === undefined ? undefined : [found.what, found.direction], want);
  });
