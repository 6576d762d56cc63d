/** What is proposed loads, is no more than what was always approved, and is proposed only where that is plain. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionBytes, type Evaluation, type JsonObject, type Principal } from '@countersign/core';
import type { PolicySuggestions } from '@countersign/sdk';
import { loadPolicy } from '../../policy/load.ts';
import type { LoadOptions } from '../../policy/rules/options.ts';
import { policyDigest } from '../../policy/source/files.ts';
import { mcpBinding, toEvaluation } from '../../protocols/mcp/binding.ts';
import type { AcceptedOnce, AskedBefore, RecordedEntry, StoredBody } from '../replay/questions.ts';
import type { Ask } from '../replay/replay.ts';
import { suggest } from './suggest.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const SCHEMA = {
  type: 'object',
  properties: { path: { type: 'string' }, mode: { type: 'string' }, force: { type: 'boolean' } },
  additionalProperties: false,
};
const OPTIONS: LoadOptions = {
  bindings: [mcpBinding],
  known: { upstreams: ['files'], agents: ['coder', 'other'], envs: ['prod'] },
  toolArguments: (upstream, tool) => (upstream === 'files' && tool === 'write' ? SCHEMA : undefined),
};
const POLICY = `version: 1
rules:
  # what people look at
  - id: writes-ask
    about: Writing asks
    on: mcp
    where: { class: [write, destructive] }   # all of it
    then: require
    approve: [{ by: anyone }]
    with: { mask: [pii] }
  - { id: reads, on: mcp, where: { class: read }, then: allow }
`;
const PRINCIPAL: Principal = {
  tenant: 't',
  agent: 'coder',
  owner: 'a',
  team: null,
  subject: { type: 'agent', id: 'coder' },
};

type Given = {
  readonly policy?: string;
  readonly args?: (at: number) => JsonObject;
  readonly count?: number;
  readonly edit?: (asked: AskedBefore, at: number) => Partial<AskedBefore>;
  readonly body?: (body: StoredBody, at: number) => StoredBody;
  readonly class?: string;
  readonly accepted_at?: number;
  /** Of the policy: what people wrote down that must be. */
  readonly tests?: string;
};

const evaluationOf = (args: JsonObject, as: string, agent = 'coder'): Evaluation =>
  toEvaluation({
    principal: { ...PRINCIPAL, agent, subject: { type: 'agent', id: agent } },
    upstream: { id: 'files', env: 'prod', digest: 'x' },
    method: 'tools/call',
    params: { name: 'write', arguments: args },
    tool: { accepted: { pin: 'p', class: as as 'write', definition: { inputSchema: SCHEMA } }, fits: true },
  });

async function suggested(given: Given = {}): Promise<PolicySuggestions> {
  const {
    policy = POLICY,
    args = () => ({ path: '/srv/notes/a.txt', mode: 'append' }),
    count = 12,
    class: as = 'write',
  } = given;
  const files = [
    { path: 'policy.yaml', text: policy },
    ...(given.tests === undefined ? [] : [{ path: 'policy.test.yaml', text: given.tests }]),
  ];
  const digest = policyDigest(files);
  const asked = Array.from({ length: count }, (_, at): AskedBefore => {
    const one: AskedBefore = {
      id: `req_${at}`,
      opened_at: NOW - (at + 1) * 12 * HOUR,
      status: 'approved',
      agent: 'coder',
      upstream: 'files',
      env: 'prod',
      action: 'tools/call',
      resource: 'write',
      risk: 'low',
      evaluation_id: `eval_${at}`,
      rules: ['writes-ask'],
      reviewers: [at % 2 === 0 ? 'bob' : 'carol'],
    };
    return { ...one, ...given.edit?.(one, at) };
  });
  const recorded = [
    ...asked.map((each, at) => ({
      id: each.evaluation_id,
      at: each.opened_at,
      evaluation: evaluationOf(args(at), as),
      effect: 'require',
      rules: each.rules,
    })),
  ];
  const bodies = new Map(
    recorded.map(({ id, evaluation }, at): [string, StoredBody] => {
      const body: StoredBody = { kind: 'kept', body: Buffer.from(actionBytes(evaluation)).toString('utf8') };
      return [id, given.body?.(body, at) ?? body];
    }),
  );
  const entries = recorded.map(({ id, at, evaluation, effect, rules }, index): RecordedEntry => {
    const { facts } = evaluation;
    const predicate = {
      outcome: effect === 'require' ? 'held' : 'allowed',
      ...(effect === 'allow' ? { phase: 'started' } : {}),
      effect,
      evaluation_id: id,
      who: { agent: facts.scope.agent, subject: evaluation.subject },
      what: { upstream: 'files', env: 'prod', action: 'tools/call', resource: 'write' },
      rules: { deciding: rules.map((rule) => ({ rule })) },
      policy: { digest },
    };
    const payload = Buffer.from(JSON.stringify({ predicate })).toString('base64');
    return {
      event_id: `E${index}`,
      occurred_at: at,
      leaf_index: index,
      request_id: effect === 'require' ? 'r' : null,
      execution_id: null,
      envelope: JSON.stringify({ payload }),
    };
  });
  const tool: AcceptedOnce = {
    pin: 'p',
    class: as,
    accepted_at: given.accepted_at ?? NOW - 1000 * HOUR,
    definition: JSON.stringify({ inputSchema: SCHEMA }),
  };
  const replies = {
    asked: () => ({ kind: 'asked', requests: asked }),
    actions: () => ({ kind: 'actions', bodies }),
    tool: () => ({ kind: 'tool', accepted: [tool] }),
    page: () => ({ kind: 'page', entries }),
  } as const;
  const ask = (async ({ kind }: { readonly kind: keyof typeof replies }) =>
    replies[kind]()) as unknown as Ask;
  return suggest(
    {
      inForce: files,
      version: '1',
      operators: undefined,
      since: 0,
      until: NOW,
      time_ms_max: 10_000,
      folder: 'policy',
    },
    { options: OPTIONS, ask, ticks: () => 0 },
  );
}

const only = ({ suggestions, not_suggested }: PolicySuggestions) => {
  assert.deepEqual(not_suggested, []);
  assert.equal(suggestions.length, 1);
  const [one] = suggestions;
  assert.ok(one);
  return one;
};

describe('a narrower rule', () => {
  it('says exactly what was always approved, and asks about anything else', async () => {
    const one = only(await suggested());
    assert.deepEqual(
      [one.rule, one.agent, one.upstream, one.resource, one.class, one.requests, one.reviewers],
      ['writes-ask', 'coder', 'files', 'write', 'write', 12, 2],
    );
    assert.deepEqual(one.arguments, [
      { path: 'mcp.args.mode', how: 'is', values: ['append'] },
      { path: 'mcp.args.path', how: 'is', values: ['/srv/notes/a.txt'] },
    ]);
    assert.deepEqual(one.open, []);
    assert.deepEqual(one.simulated, { replayed: 12, changed: 12, not_replayed: 0 });
    const loaded = loadPolicy(one.files, OPTIONS);
    assert.ok(loaded.ok);
    const effect = (args: JsonObject, agent = 'coder', as = 'write') =>
      loaded.policy.decide(evaluationOf(args, as, agent)).effect;
    const usual = { path: '/srv/notes/a.txt', mode: 'append' };
    assert.equal(effect(usual), 'allow');
    assert.deepEqual(
      loaded.policy.decide(evaluationOf(usual, 'write')).obligations.map(({ type }) => type),
      ['mask'],
      'it is masked as before',
    );
    for (const [args, agent, as] of [
      [{ ...usual, path: '/etc/passwd' }],
      [{ ...usual, mode: 'truncate' }],
      [{ ...usual, force: true }],
      [{ path: usual.path }],
      [{}],
      [usual, 'other'],
      [usual, 'coder', 'destructive'],
    ] as const)
      assert.equal(effect(args, agent, as), 'require', JSON.stringify([args, agent, as]));
  });

  it('leaves the file as it was otherwise, comments and all, and is a patch', async () => {
    const { files, patch } = only(await suggested());
    const text = files[0]?.text ?? '';
    assert.match(text, /# what people look at/);
    assert.match(text, /where: \{ class: \[write, destructive\] \} {3}# all of it\n/);
    const gone = patch.split('\n').filter((line) => line.startsWith('-') && !line.startsWith('---'));
    assert.deepEqual(gone, [], 'nothing is taken out');
    assert.match(patch, /^diff --git a\/policy\/policy\.yaml/);
  });

  it('takes a few values as a list, and paths of one folder as that folder', async () => {
    const one = only(
      await suggested({
        args: (at) => ({ path: `/srv/notes/${at}.txt`, mode: at % 2 === 0 ? 'append' : 'create' }),
      }),
    );
    assert.deepEqual(
      one.arguments,
      [
        { path: 'mcp.args.mode', how: 'one_of', values: ['create', 'append'].sort() },
        { path: 'mcp.args.path', how: 'inside', values: ['/srv/notes'] },
      ].map((each) => (each.how === 'one_of' ? { ...each, values: one.arguments[0]?.values ?? [] } : each)),
    );
    assert.deepEqual([...(one.arguments[0]?.values ?? [])].sort(), ['append', 'create']);
  });

  it('says what it would leave open', async () => {
    const one = only(await suggested({ args: (at) => ({ path: '/srv/notes/a.txt', mode: `m${at}` }) }));
    assert.deepEqual(one.open, ['mode']);
    assert.ok(one.explains.some((line) => /whatever they are: mode/.test(line)));
  });

  it('is made of a rule in one line, or one with a condition, as well', async () => {
    const line =
      'version: 1\nrules:\n  - { id: writes-ask, on: mcp, where: { class: write }, then: require, approve: [{ by: anyone }] }';
    assert.match(only(await suggested({ policy: line })).asks_when, /^!\(agent == "coder"/);
    const block = POLICY.replace(
      '    then: require',
      '    when: |   # why\n      agent != "x" ||\n      agent == "coder"\n    then: require',
    );
    assert.match(only(await suggested({ policy: block })).asks_when, /^\(agent != "x" \|\|\n/);
    const risk = POLICY.replace('    then: require', '    risk: medium\n    then: require');
    assert.match(only(await suggested({ policy: risk })).proposed.text, /risk: "medium"/);
  });

  const not: readonly (readonly [string, Given, string])[] = [
    ['one was denied', { edit: (_, at) => (at === 3 ? { status: 'denied' } : {}) }, 'not_always'],
    ['one nobody answered', { edit: (_, at) => (at === 3 ? { status: 'expired' } : {}) }, 'not_always'],
    ['there are few', { count: 9 }, 'few'],
    [
      'all are of two days',
      { edit: ({ opened_at }) => ({ opened_at: Math.max(opened_at, NOW - 24 * HOUR) }) },
      'few',
    ],
    [
      'another rule asked too',
      { edit: (_, at) => (at === 0 ? { rules: ['writes-ask', 'more'] } : {}) },
      'other_rules',
    ],
    ['one ran without a review', { edit: (_, at) => (at === 0 ? { reviewers: [] } : {}) }, 'emergency'],
    ['the tool destroys', { class: 'destructive' }, 'risky'],
    [
      'the risk is high',
      { policy: POLICY.replace('then: require', 'risk: high\n    then: require') },
      'risky',
    ],
    ['it takes two people', { policy: POLICY.replace('by: anyone', 'by: anyone, count: 2') }, 'strong'],
    ['the tool was accepted since', { accepted_at: NOW - HOUR }, 'other_tool'],
    ['one was erased', { body: (body, at) => (at === 2 ? { kind: 'erased' } : body) }, 'not_kept'],
    ['nothing is common', { args: (at) => ({ path: `/${at}/x`, mode: `${at}` }) }, 'varied'],
    [
      'the rule is in a list of one line',
      {
        policy:
          POLICY.split('  # what')[0]?.replace(
            'rules:\n',
            'rules: [{ id: writes-ask, on: mcp, where: { class: write }, then: require, approve: [{ by: anyone }] }]\n',
          ) ?? '',
      },
      'not_written',
    ],
  ];
  for (const [what, given, why] of not)
    it(`is not proposed when ${what}: ${why}`, async () => {
      const found = await suggested(given);
      assert.deepEqual(found.suggestions, []);
      assert.deepEqual(
        found.not_suggested.map((each) => each.why),
        [why],
      );
    });

  it('is not proposed against a test that says it must ask', async () => {
    const tests = `tests:
  - name: notes are looked at
    evaluation: { on: mcp, class: write, agent: coder, upstream: files, resource: write, env: prod, facts: { method: tools/call, args: { path: /srv/notes/a.txt, mode: append } } }
    want: { effect: require }
`;
    const found = await suggested({ tests });
    assert.deepEqual(found.suggestions, []);
    assert.deepEqual(
      found.not_suggested.map(({ why }) => why),
      ['not_loaded'],
    );
    assert.match(found.not_suggested[0]?.detail ?? '', /test "notes are looked at" failed/);
  });
});
