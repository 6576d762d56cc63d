import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyVocabulary } from '@countersign/sdk';
import { completionsAt } from './complete.ts';

const WORDS: PolicyVocabulary = {
  rule: [{ key: 'id' }, { key: 'then' }, { key: 'approve', only_with: ['require'] }],
  where: ['env', 'agent'],
  effects: ['allow', 'require', 'deny'],
  risks: ['low', 'high'],
  proofs: ['session', 'passkey'],
  test: { evaluation: ['env'], want: ['effect'] },
  confidences: ['exact'],
  bindings: [{ name: 'mcp', obligations: ['mask'], facts: [{ path: 'mcp.tool', type: 'text' }] }],
  facts: [{ path: 'agent', type: 'text' }],
  functions: [{ name: 'lower', kind: 'function', answers: 'text' }],
  instead: [],
  names: {
    groups: ['finance'],
    people: ['ann'],
    upstreams: ['payments'],
    envs: ['prod'],
    agents: ['bot'],
    teams: [],
  },
  tools: [
    {
      upstream: 'payments',
      tool: 'refund',
      class: 'write',
      facts: [{ path: 'mcp.args.amount', type: 'number' }],
    },
  ],
};
const RULE = 'version: 1\nrules:\n  - id: a\n';

describe('what can stand at the cursor of a policy', () => {
  const cases: readonly (readonly [
    name: string,
    before: string,
    typed: string,
    offered: readonly string[],
  ])[] = [
    ['a key of a rule', `${RULE}    th`, 'th', ['id', 'then', 'approve']],
    ['an effect', `${RULE}    then: re`, 're', ['allow', 'require', 'deny']],
    ['a risk', `${RULE}    risk: `, '', ['low', 'high']],
    ['a key of where', `${RULE}    where: { en`, 'en', ['env', 'agent']],
    ['a second key of where', `${RULE}    where: { env: prod, a`, 'a', ['env', 'agent']],
    ['an environment', `${RULE}    where: { env: p`, 'p', ['prod']],
    ['one of several', `${RULE}    where: { env: [prod, p`, 'p', ['prod']],
    ['a tool', `${RULE}    where: { upstream: payments, resource: re`, 're', ['refund']],
    [
      'who approves',
      `${RULE}    approve: [{ by: "group:f`,
      'group:f',
      ['anyone', 'own_team', 'other_team', 'group:finance', 'person:ann'],
    ],
    ['how they prove it', `${RULE}    approve: [{ by: anyone, proof: p`, 'p', ['session', 'passkey']],
    [
      'a fact',
      `${RULE}    when: mcp.args.a`,
      'mcp.args.a',
      ['agent', 'mcp.tool', 'mcp.args.amount', 'lower'],
    ],
    [
      'a fact below',
      `${RULE}    when: |\n      mcp.`,
      'mcp.',
      ['agent', 'mcp.tool', 'mcp.args.amount', 'lower'],
    ],
  ];
  for (const [name, before, typed, offered] of cases)
    it(name, () => {
      const found = completionsAt(before, WORDS);
      assert.deepEqual(
        found?.options.map(({ label }) => label),
        offered,
      );
      assert.equal(before.slice(found?.from), typed);
    });

  it('offers nothing in a comment or in a sentence', () => {
    assert.equal(completionsAt(`${RULE}    # then: `, WORDS), undefined);
    assert.equal(completionsAt(`${RULE}    about: Reading is fr`, WORDS), undefined);
  });
});
