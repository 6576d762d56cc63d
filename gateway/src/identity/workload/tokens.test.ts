import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { exportSPKI, importJWK, type JWK } from 'jose';
import { githubClaims, type Issuer, kubernetesClaims, startIssuer } from '../../../testing/issuer.ts';
import { configSchema } from '../../config/config.ts';
import { createAgents, createDirectory } from '../directory.ts';
import { EMPTY_ROSTER } from '../roster/roster.ts';
import type { Moment } from '../standing.ts';
import { COOLDOWN_MS } from './keys.ts';
import { REFUSALS, type RefusalCode, WorkloadRefusal } from './refusal.ts';
import { keySource } from './source.ts';
import { createTokens, type Tokens } from './tokens.ts';

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const AUDIENCE = 'https://gate.example.com';

let issuer: Issuer;
let other: Issuer;
const time = { now: NOW };
const lines: string[] = [];
let moment: Moment;
let tokens: Tokens;

type Rules = readonly { readonly [key: string]: unknown }[];

const PEOPLE = {
  alice: {
    name: 'Alice',
    roles: ['reviewer'],
    accounts: ['github:octo-alice', 'oidc:https://idp.example.com#al'],
  },
  bob: { name: 'Bob', roles: ['reviewer'] },
  mallory: { name: 'Mallory', roles: ['reviewer'], active: false },
};

function world(rules: Rules, more: { readonly [key: string]: unknown } = {}): Moment {
  const config = configSchema.parse({
    public_url: AUDIENCE,
    people: PEOPLE,
    agents: { fixed: { owner: 'bob', team: 'core', keys: [`sha256:${'a'.repeat(64)}`], pending_max: 7 } },
    workload_identity: [
      { issuer: issuer.url, agents: rules, ...more },
      {
        issuer: 'spiffe://example.org',
        jwks: issuer.jwks(),
        agents: [{ match: { sub: 'spiffe://example.org/**' }, agent: 'spiffe:{sub}' }],
      },
    ],
  });
  return { agents: createAgents(config), directory: createDirectory(config, EMPTY_ROSTER) };
}

const GITHUB = {
  match: { repository: 'acme/*', ref: ['refs/heads/main', 'refs/tags/*'] },
  agent: 'github:{repository}',
  owner: 'github:{actor}',
  team: '{repository_owner}',
};
const KUBERNETES = {
  match: { '/kubernetes.io/namespace': 'batch', sub: 'system:serviceaccount:batch:*' },
  agent: 'k8s:{/kubernetes.io/namespace}:{/kubernetes.io/serviceaccount/name}',
  owner: 'bob',
};

function start(): Tokens {
  const log = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return createTokens({
    tenant: 'default',
    public_url: AUDIENCE,
    moment: () => moment,
    now: () => time.now,
    log: { info: log, warn: log },
    source: ({ config }) => keySource(config, '/'),
  });
}

before(async () => {
  [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  moment = world([GITHUB, KUBERNETES], { lifetime_max: '2h' });
  tokens = start();
});
after(async () => {
  tokens.close();
  await Promise.all([issuer.close(), other.close()]);
});

const github = (more: JsonObject = {}): JsonObject => ({ ...githubClaims(issuer.url, NOW), ...more });
const without = (claims: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

async function codeOf(token: string): Promise<RefusalCode> {
  try {
    await tokens.admit(token);
  } catch (error) {
    assert.ok(error instanceof WorkloadRefusal, String(error));
    return error.code;
  }
  return assert.fail('it was taken');
}

describe('workload tokens', () => {
  it('GitHub-Actions-shaped: agent, owner and team from claims', async () => {
    const { principal } = await tokens.admit(await issuer.sign(github()));
    assert.deepEqual(principal, {
      tenant: 'default',
      agent: 'github:acme/shop',
      owner: 'alice',
      team: 'acme',
      subject: { type: 'agent', id: 'github:acme/shop' },
    });
  });

  it('Kubernetes-shaped: claims inside claims', async () => {
    const { principal, limits } = await tokens.admit(await issuer.sign(kubernetesClaims(issuer.url, NOW)));
    assert.deepEqual([principal.agent, principal.owner, principal.team], ['k8s:batch:reporter', 'bob', null]);
    assert.equal(limits.pending_max, 20);
  });

  it('SPIFFE: a JWT-SVID without iss is its trust domain’s', async () => {
    const claims = { sub: 'spiffe://example.org/ns/web', aud: [AUDIENCE], exp: SECONDS + 300 };
    const { principal } = await tokens.admit(await issuer.sign(claims));
    assert.equal(principal.agent, 'spiffe:spiffe://example.org/ns/web');
    assert.equal(
      await codeOf(await issuer.sign({ ...claims, sub: 'spiffe://elsewhere/ns/web' })),
      'unknown_issuer',
    );
    assert.equal(
      await codeOf(await issuer.sign({ ...claims, sub: 'spiffe://example.org.evil/x' })),
      'unknown_issuer',
    );
  });

  it('a rule that names a configured agent is that agent, with its owner, team and limits', async () => {
    const before = moment;
    moment = world([{ match: { repository: 'acme/shop' }, agent: 'fixed' }]);
    const { principal, limits } = await tokens.admit(await issuer.sign(github()));
    assert.deepEqual(
      [principal.agent, principal.owner, principal.team, limits.pending_max],
      ['fixed', 'bob', 'core', 7],
    );
    moment = before;
  });
});

describe('bad tokens: each its own cause, none taken', () => {
  const signed = (more: JsonObject = {}, signing: Parameters<Issuer['sign']>[1] = {}) =>
    issuer.sign(github(more), signing);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const swapped = async (head: object, more: JsonObject = {}): Promise<string> => {
    const [, payload, signature] = (await signed(more)).split('.');
    return `${part(head)}.${payload}.${signature}`;
  };
  const kid = () => issuer.jwks().keys[0]?.kid;
  const table: readonly (readonly [string, RefusalCode, () => Promise<string> | string])[] = [
    ['not a token', 'malformed', () => 'a.b'],
    ['four parts', 'malformed', async () => `${await signed()}.x`],
    ['padding in base64url', 'malformed', async () => (await signed()).replace('.', '=.')],
    ['a header that is a list', 'malformed', () => `${part([])}.${part({})}.x`],
    ['larger than 16 KiB', 'oversized', () => signed({ padding: 'x'.repeat(16_384) })],
    ['alg none', 'not_signed', () => `${part({ alg: 'none', kid: 'x' })}.${part(github())}.`],
    ['alg NoNe with a signature', 'not_signed', () => swapped({ alg: 'NoNe', kid: kid() })],
    [
      'HS256 with the public key as its secret',
      'symmetric_algorithm',
      async () => {
        const [jwk] = issuer.jwks().keys;
        const pem = await exportSPKI((await importJWK(jwk as JWK, 'ES256')) as CryptoKey);
        const text = `${part({ alg: 'HS256', kid: kid() })}.${part(github())}`;
        return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
      },
    ],
    ['an algorithm not allowed', 'algorithm_not_allowed', () => swapped({ alg: 'ES512', kid: kid() })],
    ['an algorithm the key is not for', 'key_unfit', () => swapped({ alg: 'RS256', kid: kid() })],
    ['a critical header', 'critical_header', () => swapped({ alg: 'ES256', kid: kid(), crit: ['x'], x: 1 })],
    ['unencoded payload', 'critical_header', () => swapped({ alg: 'ES256', kid: kid(), b64: false })],
    ['a logout token', 'wrong_type', () => signed({}, { header: { typ: 'logout+jwt' } })],
    ['a DPoP proof', 'wrong_type', () => signed({}, { header: { typ: 'dpop+jwt' } })],
    ['no kid', 'no_key_id', () => signed({}, { header: { kid: undefined } })],
    ['a kid nobody published', 'unknown_key', () => signed({}, { header: { kid: 'nobody' } })],
    [
      'another issuer’s key under this kid',
      'wrong_signature',
      () => other.sign(github(), { header: { kid: kid() } }),
    ],
    [
      'one claim changed',
      'wrong_signature',
      async () => {
        const [head, , signature] = (await signed()).split('.');
        return `${head}.${part(github({ repository: 'acme/other' }))}.${signature}`;
      },
    ],
    ['an issuer not listed', 'unknown_issuer', () => other.sign({ ...githubClaims(other.url, NOW) })],
    ['no issuer', 'unknown_issuer', () => issuer.sign(without(github(), 'iss'))],
    ['an issuer in a list', 'unknown_issuer', () => signed({ iss: [issuer.url] })],
    ['an issuer with a slash more', 'unknown_issuer', () => signed({ iss: `${issuer.url}/` })],
    ['no expiry', 'no_times', () => issuer.sign(without(github(), 'exp'))],
    ['an expiry that is text', 'no_times', () => signed({ exp: String(SECONDS + 300) })],
    ['an expiry past all time', 'no_times', () => signed({ exp: 1e15 })],
    ['expired', 'expired', () => signed({ exp: SECONDS - 31, iat: SECONDS - 300 })],
    ['not yet valid', 'not_yet_valid', () => signed({ nbf: SECONDS + 31 })],
    ['issued in the future', 'issued_in_future', () => signed({ iat: SECONDS + 31 })],
    ['living too long', 'lives_too_long', () => signed({ exp: SECONDS + 7_300 })],
    [
      'living too long, and not saying since when',
      'lives_too_long',
      () => issuer.sign(without(github({ exp: SECONDS + 7_300 }), 'iat')),
    ],
    ['another audience', 'wrong_audience', () => signed({ aud: 'https://elsewhere.example.com' })],
    [
      'an audience that begins like ours',
      'wrong_audience',
      () => signed({ aud: `${AUDIENCE}.evil.example` }),
    ],
    ['no audience', 'wrong_audience', () => issuer.sign(without(github(), 'aud'))],
    [
      'a claim said twice',
      'duplicate_member',
      () => issuer.sign(`{"sub":"a",${JSON.stringify(github()).slice(1)}`),
    ],
    [
      'an escaped claim said twice',
      'duplicate_member',
      () => issuer.sign(`{"s\\u0075b":"a",${JSON.stringify(github()).slice(1)}`),
    ],
    ['a repository no rule takes', 'no_rule', () => signed({ repository: 'evil/shop' })],
    ['a star does not cross a slash', 'no_rule', () => signed({ repository: 'acme/shop/x' })],
    ['a branch no rule takes', 'no_rule', () => signed({ ref: 'refs/heads/topic' })],
    ['a claim of another kind', 'no_rule', () => signed({ repository: { acme: 1 } })],
    ['a name with a space', 'bad_name', () => signed({ repository: 'acme/a b' })],
    ['a name with a bidi control', 'bad_name', () => signed({ repository: 'acme/a\u202eb' })],
    ['a team that is no id', 'bad_name', () => signed({ repository_owner: 'Acme Corp' })],
    ['an owner nobody knows', 'unknown_owner', () => signed({ actor: 'stranger' })],
    ['no actor', 'unknown_owner', () => issuer.sign(without(github(), 'actor'))],
    ['bound to a certificate', 'unknown_binding', () => signed({ cnf: { 'x5t#S256': 'x' } })],
    ['bound to two things', 'unknown_binding', () => signed({ cnf: { jkt: 'a'.repeat(43), kid: 'x' } })],
    ['an act that is text', 'bad_act', () => signed({ act: 'me' })],
    ['an act without sub', 'bad_act', () => signed({ act: { iss: 'x' } })],
    ['acting for nobody known', 'unknown_person', () => signed({ act: { sub: 'a' } })],
    [
      'a chain too deep',
      'act_too_deep',
      () => signed({ act: { sub: 'a', act: { sub: 'b', act: { sub: 'c', act: { sub: 'd' } } } } }),
    ],
  ];
  for (const [name, code, make] of table)
    it(`${name}: ${code}`, async () => assert.equal(await codeOf(await make()), code));

  it('every cause there is has a sentence for the operator', () => {
    for (const [, code] of table) assert.ok(REFUSALS[code].length > 10);
  });
});

describe('on behalf of', () => {
  const rule = {
    match: { client_id: 'assistant' },
    agent: 'mcp:{client_id}',
    person: 'oidc:{iss}#{sub}',
    owner: 'bob',
  };
  const at = (claims: JsonObject) =>
    issuer.sign({
      aud: AUDIENCE,
      iss: issuer.url,
      iat: SECONDS,
      exp: SECONDS + 60,
      client_id: 'assistant',
      sub: 'al',
      ...claims,
    });
  const people = () => ({
    alice: { ...PEOPLE.alice, accounts: [`oidc:${issuer.url}#al`] },
    bob: PEOPLE.bob,
    mallory: { ...PEOPLE.mallory, accounts: [`oidc:${issuer.url}#mal`] },
  });
  const asked = async (claims: JsonObject) => {
    const before = moment;
    const config = configSchema.parse({
      public_url: AUDIENCE,
      people: people(),
      workload_identity: [{ issuer: issuer.url, agents: [rule] }],
    });
    moment = { agents: createAgents(config), directory: createDirectory(config, EMPTY_ROSTER) };
    try {
      return await tokens.admit(await at(claims));
    } finally {
      moment = before;
    }
  };

  it('RFC 8693: the person is the subject, the agent acts, the chain is kept', async () => {
    const act = { sub: 'assistant', act: { sub: 'planner', iss: 'https://other.example.com' } };
    const { principal } = await asked({ act });
    assert.deepEqual(
      [principal.subject, principal.agent, principal.owner],
      [{ type: 'identity', id: 'alice' }, 'mcp:assistant', 'bob'],
    );
    assert.deepEqual(principal.act, {
      iss: issuer.url,
      sub: 'mcp:assistant',
      sub_profile: 'ai_agent',
      act: {
        iss: issuer.url,
        sub: 'assistant',
        sub_profile: 'ai_agent',
        act: { iss: 'https://other.example.com', sub: 'planner', sub_profile: 'ai_agent' },
      },
    });
  });

  it('a person’s access token names the agent by client_id', async () => {
    const { principal } = await asked({});
    assert.deepEqual([principal.subject.id, principal.act?.sub], ['alice', 'mcp:assistant']);
  });

  it('a person who is not active, or not known, lets nobody act', async () => {
    for (const sub of ['mal', 'stranger']) await assert.rejects(asked({ sub }), { code: 'unknown_person' });
  });
});

describe('names', () => {
  it('a name that is a person’s, or made into a configured agent’s, is taken', async () => {
    const before = moment;
    moment = world([{ match: { repository: '**' }, agent: 'github:{actor}' }]);
    assert.equal(await codeOf(await issuer.sign(github())), 'name_taken');
    moment = before;
  });
});

describe('what was verified', () => {
  it('is known until it expires, then no more, to the millisecond', async () => {
    const token = await issuer.sign(github());
    const { standing } = await tokens.admit(token);
    const until = (SECONDS + 300) * 1000 + 30_000;
    time.now = until - 1;
    assert.ok(tokens.known(token));
    time.now = until;
    assert.equal(tokens.known(token), undefined);
    assert.equal(standing(moment, time.now), undefined);
    time.now = NOW;
  });

  it('I8: is looked at anew when the authority moves; a rule that is gone, or names somebody else, ends it', async () => {
    const token = await issuer.sign(github());
    const { standing, principal } = await tokens.admit(token);
    const first = moment;
    moment = world([GITHUB, KUBERNETES], { lifetime_max: '2h' });
    assert.equal(tokens.known(token), undefined, 'asked anew');
    assert.deepEqual(standing(moment, NOW), principal, 'and found the same');
    for (const [rules, want] of [
      [[KUBERNETES], undefined],
      [[{ ...GITHUB, owner: 'bob' }], 'bob'],
    ] as const)
      assert.equal(standing(world(rules, { lifetime_max: '2h' }), NOW)?.owner, want);
    assert.equal(
      standing(world([GITHUB], { audience: 'https://elsewhere' }), NOW),
      undefined,
      'trusted with less',
    );
    moment = first;
  });

  it('ends when its key is published no more', async () => {
    const token = await issuer.sign(github());
    const { standing } = await tokens.admit(token);
    await issuer.rotate({ drop: true });
    time.now = NOW + 11 * 60_000;
    await tokens.refreshKeys();
    time.now = NOW;
    assert.equal(standing(moment, NOW), undefined);
    assert.equal(tokens.known(token), undefined);
  });

  it('a new key is fetched once, however many tokens name it; the hot path never asks', async () => {
    time.now = NOW + COOLDOWN_MS * 40;
    await tokens.refreshKeys();
    await issuer.rotate();
    time.now += COOLDOWN_MS;
    const before = issuer.fetched();
    const claims = githubClaims(issuer.url, time.now);
    const some = await Promise.all(
      Array.from({ length: 20 }, (_, n) => issuer.sign({ ...claims, run_id: n })),
    );
    await Promise.all(some.map((token) => tokens.admit(token)));
    for (const token of some) assert.ok(tokens.known(token));
    assert.equal(issuer.fetched(), before + 1);
    time.now = NOW;
  });
});
