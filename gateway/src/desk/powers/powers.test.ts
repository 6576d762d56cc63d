/** What is told ahead of a call is what the call then gets: tried with the functions that decide, over arguments of every kind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Effect, JsonObject } from '@countersign/core';
import type { May, PersonRule } from '@countersign/sdk';
import fc from 'fast-check';
import { KEY_HASH } from '../../../testing/rig.ts';
import type { Snapshot } from '../../authority/authority.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { createAgents, createDirectory, principalOf } from '../../identity/directory.ts';
import { EMPTY_ROSTER } from '../../identity/roster/roster.ts';
import { createTicketSystems } from '../../identity/ticketing.ts';
import { loadOptionsOf } from '../../in-force/policy.ts';
import { type LoadedPolicy, loadPolicy } from '../../policy/load.ts';
import { toEvaluation } from '../../protocols/mcp/binding.ts';
import { agentPolicy, type Moment } from './agent.ts';
import { personPolicy } from './person.ts';

const NOW = 1_800_000_000_000;
const CONFIG: Config = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'] },
    bob: { name: 'Bob', roles: ['reviewer'] },
    carol: { name: 'Carol', roles: ['reviewer'] },
    eve: { name: 'Eve', roles: ['auditor'] },
    mallory: { name: 'Mallory', roles: ['reviewer'], active: false },
  },
  groups: { dba: ['bob', 'eve'], platform: ['carol', 'alice'] },
  agents: {
    coder: { owner: 'alice', team: 'platform', keys: [KEY_HASH('a')] },
    orphan: { keys: [KEY_HASH('b')] },
    idle: { owner: 'bob', keys: [{ hash: KEY_HASH('c'), expires: '2001-01-01' }] },
  },
  upstreams: { files: { env: 'prod', mcp: { url: 'http://127.0.0.1:9/mcp' } } },
  workload_identity: [
    {
      issuer: 'https://token.example.com',
      agents: [{ match: { repo: 'x/**' }, agent: 'ci:{repo}', owner: '{actor}', team: 'platform' }],
    },
  ],
});
const RULES: readonly object[] = [
  { id: 'open', on: 'mcp', where: { class: 'session' }, then: 'allow' },
  { id: 'reads', on: 'mcp', where: { class: 'read' }, then: 'allow' },
  { id: 'writes', on: 'mcp', where: { class: 'write' }, then: 'require', approve: [{ by: 'group:dba' }] },
  {
    id: 'large',
    on: 'mcp',
    where: { resource: 'pay' },
    when: 'mcp.args.amount > 100.0',
    then: 'require',
    approve: [{ by: 'own_team', count: 2 }],
  },
  { id: 'pays', on: 'mcp', where: { resource: 'pay' }, then: 'allow' },
  {
    id: 'secrets',
    on: 'mcp',
    where: { class: ['read', 'write', 'destructive'] },
    when: 'mcp.args.path == "/etc" && env == "prod"',
    then: 'deny',
  },
  { id: 'elsewhere', on: 'mcp', when: 'mcp.args.path == "/tmp" && env == "dev"', then: 'deny' },
  { id: 'only-other', on: 'mcp', where: { agent: 'orphan' }, then: 'deny' },
  { id: 'for-somebody', on: 'mcp', where: { resource: 'mail' }, when: 'subject.id == "ann"', then: 'allow' },
  {
    id: 'signed',
    on: 'mcp',
    where: { resource: 'drop' },
    then: 'require',
    approve: [{ by: 'person:carol', proof: 'passkey' }],
  },
  { id: 'maybe', on: 'mcp', then: 'deny', enforce: 'dry-run' },
  { id: 'api', on: 'access', when: 'access.action == "deploy"', then: 'allow' },
];
const TOOLS = {
  look: 'read',
  write: 'write',
  pay: 'destructive',
  mail: 'destructive',
  drop: 'destructive',
} as const;

function policyOf(rules: readonly object[]): LoadedPolicy {
  const text = JSON.stringify({ version: 1, rules });
  const options = loadOptionsOf({ config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER });
  const loaded = loadPolicy([{ path: 'a.yaml', text }], options);
  assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems));
  return loaded.policy;
}

const POLICY = policyOf(RULES.map((rule) => ({ about: 'a test', ...rule })));

function momentOf(over: Partial<Snapshot> = {}, policy = POLICY): Moment {
  const pins = new Map(
    Object.entries(TOOLS).map(([tool, kind]) => [
      `files\n${tool}`,
      { pin: `sha256:${tool}`, class: kind, definition: { name: tool } },
    ]),
  );
  const snapshot: Snapshot = {
    epoch: 1,
    policy,
    directory: createDirectory(CONFIG, EMPTY_ROSTER),
    agents: createAgents(CONFIG),
    ticketing: createTicketSystems(CONFIG),
    duties: { delegations: [], changes: new Map() },
    paused: new Map(),
    pins,
    passkeys: new Map(),
    ...over,
  };
  return { policy, snapshot, config: CONFIG, now: NOW };
}

/** What upstreams listed last: `write` in another form, and a tool nobody accepted. */
const STORE = {
  read: async <R>() =>
    [
      ...Object.keys(TOOLS).map((tool) => ({ upstream: 'files', tool, pin: `sha256:${tool}` })),
      { upstream: 'files', tool: 'write', pin: 'sha256:other' },
      { upstream: 'files', tool: 'wipe', pin: 'sha256:wipe' },
    ] as R[],
};

const ofAgent = async (id: string, moment = momentOf()) => {
  const found = await agentPolicy(STORE, moment, id);
  assert.ok(found, id);
  return found;
};
const toolsOf = async (id: string, moment = momentOf()): Promise<ReadonlyMap<string, May>> => {
  const [files] = (await ofAgent(id, moment)).upstreams;
  return new Map(files?.tools.map(({ tool, may }) => [tool, may]));
};

describe('what an agent may do', () => {
  it('says of each tool every answer there could be, and what it depends on', async () => {
    const may = await toolsOf('coder');
    const cases: readonly (readonly [string, readonly Effect[], readonly string[]])[] = [
      ['look', ['deny', 'allow'], ['mcp.args.path']],
      ['write', ['deny', 'require'], ['mcp.args.path']],
      ['pay', ['deny', 'require', 'allow'], ['mcp.args.path', 'mcp.args.amount']],
      ['mail', ['deny'], ['mcp.args.path']],
    ];
    for (const [tool, effects, depends] of cases)
      assert.deepEqual([may.get(tool)?.effects, may.get(tool)?.depends_on], [effects, depends], tool);
    assert.deepEqual(
      may.get('pay')?.rules.map(({ rule, then, certain, asks }) => [rule, then, certain, asks]),
      [
        ['secrets', 'deny', false, undefined],
        ['large', 'require', false, ['group:platform']],
        ['pays', 'allow', true, undefined],
      ],
      'what cannot match here (elsewhere) and what never decides (maybe) is left out',
    );
  });

  it('says whom it asks, and that they would not be enough', async () => {
    const may = await toolsOf('coder');
    assert.deepEqual(may.get('write')?.reviewers, { people: ['bob'], left_out: 0, enough: true });
    // Two of the team, and one of the two there are owns the agent.
    assert.deepEqual(may.get('pay')?.reviewers, { people: ['carol'], left_out: 0, enough: false });
    assert.deepEqual(
      may.get('drop')?.reviewers,
      { people: ['carol'], left_out: 0, enough: false },
      'no passkey',
    );
    assert.equal((await toolsOf('idle')).get('write')?.reviewers?.enough, false, 'bob owns it');
    assert.equal(may.get('look')?.reviewers, undefined);
  });

  it('says what comes before any rule: no owner, no credential, a pause, a tool in another form', async () => {
    assert.deepEqual((await toolsOf('orphan')).get('look')?.effects, ['deny']);
    assert.equal((await ofAgent('idle')).stopped, 'no_credential');
    const pause = { id: 'p', agent: 'coder', by: 'bob', at: NOW, reason_payload_id: 'x' };
    assert.equal(
      (await ofAgent('coder', momentOf({ paused: new Map([['coder', pause]]) }))).stopped,
      'paused',
    );
    const [files] = (await ofAgent('coder')).upstreams;
    assert.deepEqual(
      files?.tools.filter(({ changed }) => changed).map(({ tool }) => tool),
      ['write'],
    );
    assert.deepEqual([files?.not_accepted, files?.open.effects], [['wipe'], ['allow']]);
    assert.deepEqual(
      files?.others.map(({ method, may }) => [method, may.effects]),
      [
        ['resources/read', ['deny', 'require', 'allow']],
        ['resources/subscribe', ['deny', 'require', 'allow']],
        ['prompts/get', ['deny', 'require', 'allow']],
        ['completion/complete', ['deny', 'allow']],
      ],
    );
    assert.deepEqual(
      files?.others[0]?.may.depends_on,
      ['mcp.args.path', 'resource', 'mcp.args.amount'],
      'a resource may be called as a rule about a tool says',
    );
    assert.equal(await agentPolicy(STORE, momentOf(), 'nobody'), undefined);
  });

  it('takes what only a token says as not known', async () => {
    const found = await ofAgent('ci:x/y');
    assert.deepEqual([found.unknown, found.stopped], [['owner', 'subject'], undefined]);
    const may = await toolsOf('ci:x/y');
    assert.deepEqual(may.get('mail')?.effects, ['deny', 'allow']);
    assert.deepEqual(may.get('mail')?.depends_on, ['mcp.args.path', 'subject.id']);
    assert.equal(may.get('write')?.reviewers, undefined, 'whoever owns it may not');
  });

  it('lists the rules that bear on it, dry runs marked, and what it may ask as its own enforcement point', async () => {
    const { rules, access } = await ofAgent('coder');
    const all = RULES.map((rule) => (rule as { id: string }).id);
    assert.deepEqual(
      rules.map(({ rule }) => rule),
      all.filter((id) => id !== 'only-other' && id !== 'for-somebody'),
    );
    assert.deepEqual(
      rules.filter(({ dry_run }) => dry_run).map(({ rule }) => rule),
      ['maybe'],
    );
    assert.deepEqual([access?.effects, access?.depends_on], [['deny', 'allow'], ['access.action']]);
  });

  it('never says less than what then happens (property, over arguments)', async () => {
    const may = await toolsOf('coder');
    const coder = createAgents(CONFIG).get('coder');
    assert.ok(coder);
    const principal = principalOf(coder, 'default');
    const text = fc.constantFrom('/etc', '/tmp', '/srv');
    const value = fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 }));
    const args = fc.dictionary(fc.constantFrom('path', 'amount', 'other'), value);
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(TOOLS) as (keyof typeof TOOLS)[])), args, (tool, given) => {
        const accepted = { pin: `sha256:${tool}`, class: TOOLS[tool], definition: { name: tool } };
        const { effect } = POLICY.decide(
          toEvaluation({
            principal,
            upstream: { id: 'files', env: 'prod', digest: '' },
            method: 'tools/call',
            params: { name: tool, arguments: given as JsonObject },
            tool: { accepted, fits: true },
          }),
        );
        assert.ok(may.get(tool)?.effects.includes(effect), `${tool} ${JSON.stringify(given)}: ${effect}`);
      }),
      { numRuns: 500 },
    );
  });

  it('is of bounded size and leaves others a turn, however many tools and rules there are (I15)', async () => {
    const many = Array.from({ length: 400 }, (_, at) => ({
      id: `r${at}`,
      about: 'x',
      on: 'mcp',
      when: `mcp.args.a == "${at}"`,
      then: 'deny',
    }));
    const pins = new Map(
      Array.from({ length: 1_200 }, (_, at) => [
        `files\nt${at}`,
        { pin: 'sha256:1', class: 'read' as const, definition: {} },
      ]),
    );
    const found = await ofAgent('coder', momentOf({ pins }, policyOf(many)));
    const [files] = found.upstreams;
    assert.deepEqual([files?.tools.length, found.left_out], [500, 700]);
    assert.deepEqual([files?.tools[0]?.may.rules.length, files?.tools[0]?.may.rules_left_out], [20, 380]);
  });
});

describe('what a person may review', () => {
  const ofPerson = async (id: string, moment = momentOf()) => {
    const found = await personPolicy(moment, id);
    assert.ok(found, id);
    return found;
  };
  const plain = (rules: readonly PersonRule[]) =>
    rules.map(({ rule, seats, agents }) => [
      rule,
      seats.map(({ by }) => by).join(),
      agents.may.join(),
      agents.not.map(({ agent, why }) => `${agent}: ${why}`).join('; '),
    ]);

  it('says which seats, and of whose agents', async () => {
    const ORPHAN = 'orphan: nobody answers for the agent: nobody may review what it asks';
    const OUTSIDE = 'idle: this person has no seat in it now';
    assert.deepEqual(plain((await ofPerson('bob')).rules), [
      ['writes', 'group:dba', 'coder', `${ORPHAN}; idle: this person owns the agent`],
      [
        'large',
        'own_team',
        '',
        `coder: this person has no seat in it now; ${ORPHAN}; idle: this person owns the agent`,
      ],
    ]);
    assert.deepEqual(plain((await ofPerson('alice')).rules), [
      ['large', 'own_team', '', `coder: this person owns the agent; ${ORPHAN}; ${OUTSIDE}`],
    ]);
    assert.deepEqual(plain((await ofPerson('carol')).rules), [
      ['large', 'own_team', 'coder', `${ORPHAN}; ${OUTSIDE}`],
      ['signed', 'person:carol', 'coder,idle', ORPHAN],
    ]);
    assert.equal((await ofPerson('carol')).rules[1]?.seats[0]?.lacks_passkey, true);
  });

  it('says of whoever is no reviewer, or not active, that they answer for no agent', async () => {
    for (const [id, standing] of [
      ['eve', 'not_a_reviewer'],
      ['mallory', 'inactive'],
    ] as const) {
      const found = await ofPerson(id);
      assert.deepEqual([found.standing, found.rules.flatMap(({ agents }) => agents.may)], [standing, []]);
    }
    assert.equal(await personPolicy(momentOf(), 'nobody'), undefined);
  });

  it('says in whose seat they sit, and that who gave theirs away answers nothing', async () => {
    const duties = {
      delegations: [{ id: 'd', from: 'bob', to: 'carol', starts_at: NOW - 1, until: NOW + 1_000 }],
      changes: new Map(),
    };
    const moment = momentOf({ duties });
    const carol = await ofPerson('carol', moment);
    assert.deepEqual([carol.sits_in_for, carol.rules[0]?.seats[0]?.instead_of], [['bob'], ['bob']]);
    assert.deepEqual(carol.rules[0]?.agents.may, ['coder']);
    const bob = await ofPerson('bob', moment);
    assert.deepEqual([bob.away, bob.rules.flatMap(({ agents }) => agents.may)], [true, []]);
  });
});
