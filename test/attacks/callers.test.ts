/** Who calls, attacked: names, chains and keys of workload tokens that would make one caller, or one human, another (A13). */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Act, canonicalize, type JsonObject, type Principal, responsibleFor } from '@countersign/core';
import { configSchema } from '../../gateway/src/config/config.ts';
import { callerName, sameCaller } from '../../gateway/src/identity/caller.ts';
import { createAgents, createDirectory } from '../../gateway/src/identity/directory.ts';
import { EMPTY_ROSTER } from '../../gateway/src/identity/roster/roster.ts';
import { COOLDOWN_MS, REFRESH_MS } from '../../gateway/src/identity/workload/keys.ts';
import { keySource } from '../../gateway/src/identity/workload/source.ts';
import { createTokens, type Tokens } from '../../gateway/src/identity/workload/tokens.ts';
import { cancelOwn } from '../../gateway/src/requests/ending/cancel.ts';
import { loadOwn } from '../../gateway/src/requests/views/requester.ts';
import { type Issuer, startIssuer } from '../../gateway/testing/issuer.ts';
import { createRig, evaluationOf, held, permitted, policyOf } from '../../gateway/testing/rig.ts';

const NOW = 1_800_000_000_000;
const AUDIENCE = 'https://gate.example.com';
const IDP = 'https://idp.example.com';

let issuer: Issuer;
const opened: Tokens[] = [];
before(async () => {
  issuer = await startIssuer();
});
after(async () => {
  for (const tokens of opened) tokens.close();
  await issuer.close();
});

function open(agent = 'mcp:{client_id}') {
  const config = configSchema.parse({
    public_url: AUDIENCE,
    people: {
      alice: { name: 'Alice', roles: ['reviewer'], accounts: [`oidc:${issuer.url}#al`] },
      bob: { name: 'Bob', roles: ['reviewer'], accounts: [`oidc:${IDP}#mcp:helper`] },
      carol: { name: 'Carol', roles: ['reviewer'] },
    },
    workload_identity: [
      {
        issuer: issuer.url,
        agents: [
          { match: { sub: 'nightly-job' }, agent: 'nightly', owner: `oidc:${IDP}#mcp:helper` },
          { match: { sub: '**' }, agent, owner: 'carol' },
        ],
      },
    ],
  });
  const moment = { agents: createAgents(config), directory: createDirectory(config, EMPTY_ROSTER) };
  const time = { now: NOW };
  const log = { info: () => undefined, warn: () => undefined };
  const tokens = createTokens({
    tenant: 'default',
    public_url: AUDIENCE,
    moment: () => moment,
    now: () => time.now,
    log,
    source: (each) => keySource(each.config, '/'),
  });
  opened.push(tokens);
  return { tokens, moment, time };
}

const claims = (more: JsonObject): JsonObject => ({
  iss: issuer.url,
  aud: AUDIENCE,
  sub: 'al',
  client_id: 'helper',
  iat: NOW / 1000,
  exp: NOW / 1000 + 900,
  ...more,
});

describe('A13: a chain that hides who passed it on', () => {
  const rows: readonly (readonly [name: string, act: JsonObject, responsible: readonly string[]])[] = [
    ['a person of another issuer, named as the agent is', { iss: IDP, sub: 'mcp:helper' }, ['bob']],
    ['the same, further in', { sub: 'mcp:helper', act: { iss: IDP, sub: 'mcp:helper' } }, ['bob']],
    ['under their id here', { sub: 'planner', act: { sub: 'BOB' } }, ['bob']],
    ['an agent that tokens make, of somebody', { sub: 'planner', act: { sub: 'nightly' } }, ['bob']],
    ['the agent itself, by its issuer: nobody more', { sub: 'mcp:helper' }, []],
  ];
  for (const [name, act, responsible] of rows)
    it(name, async () => {
      const { tokens, moment } = open();
      const { principal } = await tokens.admit(await issuer.sign(claims({ act })));
      const found = [...responsibleFor(principal, moment.directory, 0).keys()];
      const people = found.filter((id) => moment.directory.person(id) !== undefined).sort();
      assert.deepEqual(people, ['alice', ...responsible, 'carol']);
    });
});

it('A13: claims never make a name of the gateway’s own, whatever the rule', async () => {
  const { tokens } = open('count{client_id}');
  const token = await issuer.sign(claims({ client_id: 'ersign:operations' }));
  await assert.rejects(tokens.admit(token), { code: 'name_taken' });
});

describe('A13: another key under a published key’s name', () => {
  it('ends the tokens of the key it replaced, known ones and held calls alike', async () => {
    const { tokens, moment, time } = open();
    const token = await issuer.sign(claims({}));
    const { standing } = await tokens.admit(token);
    const [first] = issuer.jwks().keys;
    const thief = await startIssuer();
    const [other] = thief.jwks().keys;
    issuer.answer = (url) =>
      url === '/jwks'
        ? { status: 200, body: JSON.stringify({ keys: [{ ...other, kid: first?.kid }] }) }
        : { status: 200, body: JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }) };
    try {
      time.now += Math.max(REFRESH_MS, COOLDOWN_MS);
      assert.ok(standing(moment, time.now), 'still good before the new keys are known');
      await tokens.refreshKeys();
      assert.equal(standing(moment, time.now), undefined);
      assert.equal(tokens.known(token), undefined);
      await assert.rejects(tokens.admit(token), { code: 'wrong_signature' });
    } finally {
      issuer.answer = undefined;
      await thief.close();
    }
  });
});

describe('I3: the same agent for the same person, by another chain', () => {
  const link = (sub: string, act?: Act): Act => ({
    iss: 'https://agents.example.com',
    sub,
    sub_profile: 'ai_agent',
    ...(act === undefined ? {} : { act }),
  });
  const by = (principal: Principal, act: Act): Principal => ({
    ...principal,
    subject: { type: 'identity', id: 'carol' },
    act,
  });
  const asked = (principal: Principal) => ({
    ...evaluationOf(principal, 'write', { n: 1 }),
    ...(principal.act === undefined ? {} : { act: principal.act }),
  });

  it('is another caller: it sees, cancels and redeems nothing of the first', async () => {
    const rig = await createRig(policyOf({ write: { then: 'require' } }));
    try {
      const first = by(rig.principal, link('coder', link('planner')));
      const second = by(rig.principal, link('coder', link('intruder')));
      const { id } = held(await rig.enforce(first, asked(first)));
      assert.equal(await loadOwn(rig.deps, second, id), undefined);
      assert.equal(await cancelOwn(rig.deps, second, id), undefined);
      assert.equal((await rig.requests.show(id, 'bob'))?.status, 'pending');
      await rig.answer(id, 'bob');
      const other = held(await rig.enforce(second, asked(second)));
      assert.notEqual(other.id, id);
      assert.equal((await loadOwn(rig.deps, first, id))?.request.id, id);
      await permitted(await rig.enforce(first, asked(first))).finish({ status: 'succeeded' });
    } finally {
      await rig.close();
    }
  });

  it('has one name, however what is known of it is written', () => {
    const caller: Principal = {
      tenant: 't',
      agent: 'coder',
      owner: 'alice',
      team: null,
      subject: { type: 'identity', id: 'carol' },
      act: link('coder', link('planner')),
    };
    const stored = JSON.parse(canonicalize({ act: caller.act ?? null })) as Pick<Principal, 'act'>;
    assert.notEqual(JSON.stringify(stored.act), JSON.stringify(caller.act), 'written in another order');
    const same = { ...caller, ...stored };
    assert.equal(callerName(same), callerName(caller));
    assert.ok(sameCaller(same, caller));
    const other = { ...caller, act: link('coder', link('intruder')) };
    assert.notEqual(callerName(other), callerName(caller));
    assert.equal(sameCaller(other, caller), false);
  });
});
