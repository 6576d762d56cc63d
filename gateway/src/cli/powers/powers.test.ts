// What an agent may do and a person may review, as a terminal shows it: every state in words, and nobody's text out of its row.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentPolicy, May, MayRule, PersonPolicy } from '@countersign/sdk';
import { agentPowers, answerOf, whyOf } from './agent.ts';
import { personPowers } from './person.ts';

const LOOK = { color: false, width: 200 };
const POLICY = { policy: { digest: 'sha256:1', version: 'v1' }, at: 1 };
const rule = (over: Partial<MayRule>): MayRule => ({
  rule: 'r',
  then: 'deny',
  certain: true,
  depends_on: [],
  ...over,
});
const may = (over: Partial<May>): May => ({
  effects: ['deny'],
  depends_on: [],
  rules: [],
  rules_left_out: 0,
  ...over,
});

describe('what an agent may do, in words', () => {
  const asking = rule({ then: 'require', asks: ['group:dba'] });
  const cases: readonly (readonly [string, May, string, string])[] = [
    ['allowed', may({ effects: ['allow'] }), 'allowed', ''],
    ['nothing matches', may({}), 'refused', 'no rule lets it'],
    ['a rule denies', may({ rules: [rule({})] }), 'refused', ''],
    [
      'asks people who can be told',
      may({
        effects: ['require'],
        rules: [asking],
        reviewers: { people: ['ann', 'bob'], left_out: 3, enough: true },
      }),
      'asks people',
      'ann, bob and 3 more',
    ],
    [
      'asks people who are not enough',
      may({ effects: ['require'], rules: [asking], reviewers: { people: [], left_out: 0, enough: false } }),
      'asks people',
      'nobody could answer; those are not enough: refused at once',
    ],
    ['asks whom cannot be told', may({ effects: ['require'], rules: [asking] }), 'asks people', 'group:dba'],
    [
      'depends',
      may({
        effects: ['deny', 'require', 'allow'],
        depends_on: ['mcp.args.path'],
        rules: [rule({ certain: false }), asking],
      }),
      'allowed, asks people or refused',
      'group:dba; depends on mcp.args.path',
    ],
    [
      'may match nothing',
      may({
        effects: ['deny', 'allow'],
        depends_on: ['resource'],
        rules: [rule({ then: 'allow', certain: false })],
      }),
      'allowed or refused',
      'depends on resource; refused where no rule matches',
    ],
  ];
  for (const [what, given, answer, why] of cases)
    it(what, () => assert.deepEqual([answerOf(given), whyOf(given)], [answer, why]));

  it('shows what comes before the rules, and keeps an upstream’s text in its row (A2)', () => {
    const powers: AgentPolicy = {
      agent: 'bot',
      ...POLICY,
      stopped: 'paused',
      unknown: ['owner', 'team'],
      upstreams: [
        {
          upstream: 'files',
          env: 'prod',
          scopes: ['files.write'],
          open: may({ effects: ['allow'] }),
          tools: [
            { tool: 'a\nFORGED  allowed', class: 'read', may: may({}) },
            { tool: 'moved', class: 'write', changed: true, may: may({ effects: ['allow'] }) },
          ],
          not_accepted: ['new\u202Etool'],
          others: [],
        },
      ],
      access: may({ effects: ['deny', 'allow'], depends_on: ['access.action'] }),
      rules: [
        { rule: 'r', about: 'a rule', file: 'a.yaml', line: 3, on: 'mcp', then: 'deny', dry_run: true },
      ],
      left_out: 2,
    };
    const text = agentPowers(powers, LOOK);
    for (const want of [
      'It is paused: all of it is refused',
      'Its token says its owner, team: not known here.',
      'Its token must have been granted: files.write',
      'refused: it changed',
      'once accepted: allowed',
      'On its own (AuthZEN): allowed or refused. depends on access.action',
      'deny, only on record',
      '2 more tools and rules are not listed.',
    ])
      assert.ok(text.includes(want), `${want}\n${text}`);
    assert.doesNotMatch(text, /^FORGED/m);
    assert.doesNotMatch(text, /\u202E/);
  });
});

it('more answers than one stand whole: below the row on a terminal, in it for whatever reads lines', () => {
  const powers: AgentPolicy = {
    agent: 'bot',
    ...POLICY,
    unknown: [],
    upstreams: [
      {
        upstream: 'files',
        env: 'prod',
        open: may({ effects: ['allow'] }),
        tools: [
          {
            tool: 'list_directory_with_sizes',
            class: 'destructive',
            may: may({ effects: ['deny', 'allow'], depends_on: ['mcp.args.path', 'mcp.args.depth'] }),
          },
        ],
        not_accepted: [],
        others: [],
      },
    ],
    rules: [],
    left_out: 0,
  };
  const answer =
    'allowed or refused: depends on mcp.args.path, mcp.args.depth; refused where no rule matches';
  const shown = agentPowers(powers, { color: false, width: 100, cut: true });
  assert.match(shown, new RegExp(`list_directory_with_sizes +destructive +depends .*\n  ${answer}\n`));
  const piped = agentPowers(powers, { color: false, width: 80, cut: false });
  assert.match(piped, new RegExp(`list_directory_with_sizes +destructive +depends +${answer} `));
});

it('what a person may review, in words', () => {
  const powers: PersonPolicy = {
    person: 'ann',
    ...POLICY,
    standing: 'not_a_reviewer',
    operator: true,
    passkey: false,
    away: true,
    sits_in_for: ['bob'],
    rules: [
      {
        ...{ rule: 'pay', about: 'paying', file: 'a.yaml', line: 1, on: 'mcp', dry_run: false },
        seats: [
          {
            stage: 2,
            stages: 2,
            by: 'group:dba',
            count: 2,
            proof: 'passkey',
            lacks_passkey: true,
            instead_of: ['bob'],
          },
        ],
        break_glass: { may_break: true, may_judge: true },
        agents: { may: ['coder'], not: [{ agent: 'bot', why: 'this person owns the agent' }], left_out: 1 },
      },
    ],
    rules_left_out: 4,
  };
  const text = personPowers(powers, { ...LOOK, width: 400 });
  for (const want of [
    'They are no reviewer',
    'as an operator',
    'Their seat is with somebody else',
    'They sit in for bob.',
    '2 of group:dba, stage 2 of 2, with a passkey, which they lack, instead of bob; may break its glass; may judge it afterwards',
    'coder',
    'bot: this person owns the agent; 1 not looked at',
    '4 more rules are not listed.',
  ])
    assert.ok(text.includes(want), `${want}\n${text}`);
});
