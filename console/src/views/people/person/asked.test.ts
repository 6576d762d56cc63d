// As what a rule asks for somebody, as the people view tells it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Asked, askedAs } from './asked.ts';

const RITA = { id: 'rita', groups: ['finance'] };
const CASES: readonly (readonly [
  by: readonly string[],
  exclude: readonly string[],
  want: Asked | undefined,
])[] = [
  [['group:finance'], [], { kind: 'asked', by: 'group:finance' }],
  [['group:dba'], [], undefined],
  [['group:dba', 'anyone'], [], { kind: 'asked', by: 'anyone' }],
  [['person:rita'], [], { kind: 'asked', by: 'person:rita' }],
  [['person:raj'], [], undefined],
  [['outside:dba'], [], { kind: 'asked', by: 'outside:dba' }],
  [['outside:finance'], [], undefined],
  [['own_team'], [], undefined],
  [['anyone'], ['group:finance'], { kind: 'excluded', by: 'group:finance' }],
  [['group:dba'], ['group:finance'], undefined],
];

describe('as what a rule asks for somebody', () => {
  for (const [by, exclude, want] of CASES)
    it(`${by.join(', ')} but not ${exclude.join(', ') || 'nobody'}`, () =>
      assert.deepEqual(askedAs(RITA, { asks: { by, exclude } }), want));
  it('a rule that asks nobody', () => assert.equal(askedAs(RITA, {}), undefined));
});
