/** What could be answered always has the answer among it, and one answer is the answer (property, over random policies). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Confidence, ScopeKey } from '@countersign/core';
import fc from 'fast-check';
import { mcpBinding } from '../protocols/mcp/binding.ts';
import { type LoadedPolicy, loadPolicy } from './load.ts';
import { type PartlyKnown, possibleEffects } from './partly-known.ts';
import { evaluationOf } from './testing/evaluations.ts';

function load(rules: readonly object[]): LoadedPolicy {
  const text = JSON.stringify({ version: 1, rules });
  const loaded = loadPolicy([{ path: 'a.yaml', text }], { bindings: [mcpBinding] });
  assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems[0]));
  return loaded.policy;
}

const ARGS: PartlyKnown['unknown'] = {
  scope: ['class'],
  facts: [
    ['mcp', 'args'],
    ['mcp', 'arg_bytes'],
  ],
  confidence: true,
};

const condition = fc.constantFrom(
  undefined,
  'mcp.args.a == "x"',
  '!(mcp.args.a == "x")',
  'mcp.tool == "write"',
  'agent == "coder"',
  'class == "read" || agent == "coder"',
  'mcp.arg_bytes > 10',
  'has(mcp.args.b)',
  'has(mcp.args)',
  'agent == "other" && mcp.args.a == "x"',
  'mcp.args.a == "x" || mcp.tool == "write"',
  '!(mcp.arg_bytes > 10 && agent == "other") && class == "read"',
  'agent == "other" ? mcp.args.a == "x" : mcp.tool == "write"',
  '["x", "y"].exists(v, mcp.args.a == v) || agent == "coder"',
  'agent == "other" && mcp.?args.?a.orValue("x") == "x"',
);
const where = fc.record(
  {
    class: fc.constantFrom('read', 'write'),
    agent: fc.constantFrom('coder', 'other'),
    resource: fc.constantFrom('write', 'wr*', 'none'),
  },
  { requiredKeys: [] },
);
const rule = fc
  .record({
    when: condition,
    where,
    then: fc.constantFrom('allow', 'require', 'deny'),
    opaque: fc.boolean(),
    dry: fc.boolean(),
  })
  .map(({ when, where: scope, then, opaque, dry }) => ({
    on: 'mcp',
    ...(when === undefined ? {} : { when }),
    ...(Object.keys(scope).length === 0 ? {} : { where: scope }),
    then,
    ...(then === 'require' ? { approve: [{ by: 'anyone' }] } : {}),
    ...(then === 'allow' && opaque ? { opaque } : {}),
    ...(dry ? { enforce: 'dry-run' } : {}),
  }));
const asked = fc.record({
  class: fc.constantFrom('read', 'write'),
  confidence: fc.constantFrom<Confidence>('exact', 'partial'),
  a: fc.constantFrom(undefined, 'x', 'y', 5),
});

describe('an action of which not everything is known', () => {
  it('is answered by one of the answers there could be', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 6 }),
        asked,
        (rules, { class: as, confidence, a }) => {
          const policy = load(rules.map((each, at) => ({ id: `r${at}`, ...each })));
          const args = a === undefined ? {} : { a };
          const evaluation = evaluationOf({
            agent: 'coder',
            resource: 'write',
            class: as,
            confidence,
            facts: { tool: 'write', method: 'tools/call', args, arg_bytes: JSON.stringify(args).length },
          });
          const { effect } = policy.decide(evaluation);
          const hidden = {
            ...evaluation,
            facts: { ...evaluation.facts, values: { tool: 'write', method: 'tools/call' } },
          };
          const possible = possibleEffects(policy, { evaluation: hidden, unknown: ARGS });
          assert.ok(possible.includes(effect), `${effect} is not among ${possible.join()}`);
          // Nothing unknown: the answer itself.
          assert.deepEqual(
            possibleEffects(policy, { evaluation, unknown: { scope: [], facts: [], confidence: false } }),
            [effect],
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is answered for certain where what is known settles a condition that reads what is not', () => {
    const effects = (when: string) => {
      const evaluation = evaluationOf({ agent: 'coder', resource: 'write', facts: { tool: 'write' } });
      const unknown = {
        scope: [],
        facts: [['mcp', 'args'], ['mcp', 'arg_bytes'], ['subject']],
        confidence: false,
      };
      return possibleEffects(load([{ id: 'a', on: 'mcp', when, then: 'allow' }]), { evaluation, unknown });
    };
    assert.deepEqual(effects('agent == "other" && mcp.args.a == "x"'), ['deny']);
    assert.deepEqual(effects('mcp.args.a == "x" && mcp.arg_bytes < 5 && agent == "other"'), ['deny']);
    assert.deepEqual(effects('subject.id == "ann" || agent == "coder"'), ['allow']);
    assert.deepEqual(effects('mcp.arg_bytes > 5 && agent == "coder"'), ['deny', 'allow']);
    // A loop may not get to its end, whatever stands beside it.
    assert.deepEqual(effects('mcp.args.l.all(v, v == "x") && agent == "other"'), ['deny', 'allow']);
  });

  const cases: readonly (readonly [string, readonly object[], readonly ScopeKey[], readonly string[]])[] = [
    [
      'a denial that reads none of it',
      [
        { id: 'no', on: 'mcp', then: 'deny' },
        { id: 'a', on: 'mcp', when: 'mcp.args.a == "x"', then: 'allow' },
      ],
      [],
      ['deny'],
    ],
    [
      'a rule on what is not known',
      [{ id: 'no', on: 'mcp', when: 'mcp.args.a == "x"', then: 'deny' }],
      [],
      ['deny'],
    ],
    [
      'one that may deny',
      [
        { id: 'no', on: 'mcp', when: 'mcp.args.a == "x"', then: 'deny' },
        { id: 'ask', on: 'mcp', then: 'require', approve: [{ by: 'anyone' }] },
      ],
      [],
      ['deny', 'require'],
    ],
    [
      'an allowance that may not have been exact',
      [{ id: 'a', on: 'mcp', when: 'agent == "coder"', then: 'allow' }],
      [],
      ['deny', 'allow'],
    ],
    [
      'another tool',
      [{ id: 'a', on: 'mcp', where: { resource: 'read' }, when: 'mcp.args.a == "x"', then: 'allow' }],
      [],
      ['deny'],
    ],
    [
      'a tool whose name was hidden',
      [{ id: 'a', on: 'mcp', where: { resource: 'read' }, then: 'allow' }],
      ['resource'],
      ['deny', 'allow'],
    ],
    [
      'all the arguments',
      [
        { id: 'no', on: 'mcp', when: 'string(mcp.args) == "x"', then: 'deny' },
        { id: 'a', on: 'mcp', where: { agent: 'coder' }, then: 'allow', opaque: true },
      ],
      [],
      ['deny', 'allow'],
    ],
  ];
  for (const [what, rules, scope, want] of cases)
    it(`${what}: ${want.join(' or ')}`, () => {
      const evaluation = evaluationOf({ agent: 'coder', resource: 'write' });
      const unknown = { ...ARGS, scope };
      assert.deepEqual(possibleEffects(load(rules), { evaluation, unknown }), want);
    });
});
