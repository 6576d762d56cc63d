import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { githubClaims, kubernetesClaims, startIssuer } from '../../../testing/issuer.ts';
import {
  AUDIENCE,
  GITHUB,
  KUBERNETES,
  NOW,
  openTokenWorld,
  PEOPLE,
  SECONDS,
} from '../../../testing/tokens.ts';
import { configSchema } from '../../config/config.ts';
import { ALGORITHMS } from '../../config/workload.ts';
import { createAgents, createDirectory } from '../directory.ts';
import { EMPTY_ROSTER } from '../roster/roster.ts';
import { COOLDOWN_MS } from './keys.ts';

const world = await openTokenWorld();
after(() => world.close());
const { issuer, time, authority, tokens, worldOf, github, codeOf } = world;

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

  // An RSA key takes long to make: one of each scheme says it all.
  for (const alg of ALGORITHMS.filter((each) => !/^[RP]S(384|512)$/.test(each)))
    it(`signed with ${alg}`, async () => {
      const signer = await startIssuer(alg);
      const before = authority.moment;
      const rule = { match: { sub: 'x' }, agent: 'any:{sub}' };
      authority.moment = worldOf([rule], { issuer: signer.url, algorithms: [alg] });
      try {
        const claims = { iss: signer.url, sub: 'x', aud: AUDIENCE, exp: SECONDS + 60 };
        assert.equal((await tokens.admit(await signer.sign(claims))).principal.agent, 'any:x');
      } finally {
        authority.moment = before;
        await signer.close();
      }
    });

  it('a rule that names a configured agent is that agent, with its owner, team and limits', async () => {
    const before = authority.moment;
    authority.moment = worldOf([{ match: { repository: 'acme/shop' }, agent: 'fixed' }]);
    const { principal, limits } = await tokens.admit(await issuer.sign(github()));
    assert.deepEqual(
      [principal.agent, principal.owner, principal.team, limits.pending_max],
      ['fixed', 'bob', 'core', 7],
    );
    authority.moment = before;
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
    const before = authority.moment;
    const config = configSchema.parse({
      public_url: AUDIENCE,
      people: people(),
      workload_identity: [{ issuer: issuer.url, agents: [rule] }],
    });
    authority.moment = { agents: createAgents(config), directory: createDirectory(config, EMPTY_ROSTER) };
    try {
      return await tokens.admit(await at(claims));
    } finally {
      authority.moment = before;
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
    const before = authority.moment;
    authority.moment = worldOf([{ match: { repository: '**' }, agent: 'github:{actor}' }]);
    assert.equal(await codeOf(await issuer.sign(github())), 'name_taken');
    authority.moment = before;
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
    assert.equal(standing(authority.moment, time.now), undefined);
    time.now = NOW;
  });

  it('I8: is looked at anew when the authority moves; a rule that is gone, or names somebody else, ends it', async () => {
    const token = await issuer.sign(github());
    const { standing, principal } = await tokens.admit(token);
    const first = authority.moment;
    authority.moment = worldOf([GITHUB, KUBERNETES], { lifetime_max: '2h' });
    assert.equal(tokens.known(token), undefined, 'asked anew');
    assert.deepEqual(standing(authority.moment, NOW), principal, 'and found the same');
    for (const [rules, want] of [
      [[KUBERNETES], undefined],
      [[{ ...GITHUB, owner: 'bob' }], 'bob'],
    ] as const)
      assert.equal(standing(worldOf(rules, { lifetime_max: '2h' }), NOW)?.owner, want);
    assert.equal(
      standing(worldOf([GITHUB], { audience: 'https://elsewhere' }), NOW),
      undefined,
      'trusted with less',
    );
    authority.moment = first;
  });

  it('ends when its key is published no more', async () => {
    const token = await issuer.sign(github());
    const { standing } = await tokens.admit(token);
    await issuer.rotate({ drop: true });
    time.now = NOW + 11 * 60_000;
    await tokens.refreshKeys();
    time.now = NOW;
    assert.equal(standing(authority.moment, NOW), undefined);
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
