/** Agents without standing secrets, through the whole gateway: tokens of an issuer in process, a real MCP client and server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import type { Client } from '@countersign/sdk';
import { connectAgent } from '../../gateway/src/cli/setup/tools.ts';
import {
  githubClaims,
  type Issuer,
  kubernetesClaims,
  makeHolder,
  startIssuer,
} from '../../gateway/testing/issuer.ts';
import { until } from '../../gateway/testing/until.ts';
import { openYard, UPSTREAM_SECRET, type Yard } from './yard.ts';

const TOOL = 'test_image_content';
const AUDIENCE = 'https://gate.example.com';

const rulesOf = (iss: string): string => `workload_identity:
  - issuer: ${iss}
    audience: ${AUDIENCE}
    lifetime_max: 2h
    authorization_server: true
    agents:
      - match: { repository: acme/*, ref: refs/heads/main }
        agent: "github:{repository}"
        owner: "github:{actor}"
        team: "{repository_owner}"
        hold_wait: 300ms
      - match: { /kubernetes.io/namespace: batch }
        agent: "k8s:{/kubernetes.io/namespace}:{/kubernetes.io/serviceaccount/name}"
        owner: bob
        team: batch
        hold_wait: 300ms
      - match: { /kubernetes.io/namespace: nobodys }
        agent: "stray:{/kubernetes.io/serviceaccount/name}"
      - match: { client_id: assistant }
        agent: "mcp:{client_id}"
        owner: bob
        person: "oidc:{iss}#{sub}"
        hold_wait: 300ms
`;
const POLICY = `version: 1
rules:
  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: tools-ask, about: tools ask, on: mcp, where: { class: [read, write, destructive], agent: ["github:acme/*", "k8s:*", "mcp:*", "stray:*"] }, then: require, approve: [{ by: anyone }] }
`;

let yard: Yard;
let issuer: Issuer;
before(async () => {
  [yard, issuer] = await Promise.all([openYard(), startIssuer()]);
  await yard.editConfig((text) =>
    text
      .replace(
        'alice: { name: Alice,',
        `alice: { name: Alice, accounts: ["github:octo-alice", "oidc:${issuer.url}#al"],`,
      )
      .replace('  bob: {', '  carol: { name: Carol, roles: [reviewer] }\n  bob: {')
      .replace('UPSTREAM_TOKEN }', 'UPSTREAM_TOKEN, scopes: [tools] }')
      .concat(rulesOf(issuer.url)),
  );
  await yard.writePolicy(POLICY);
  await yard.restart();
});
after(async () => {
  await yard?.close();
  await issuer?.close();
});

const now = (): number => Date.now();
const seconds = (): number => Math.floor(now() / 1000);
const github = (more: JsonObject = {}) =>
  issuer.sign({ ...githubClaims(issuer.url, now()), scope: 'tools', ...more });
const inNamespace = (namespace: string, name: string) =>
  issuer.sign({
    ...kubernetesClaims(issuer.url, now()),
    scope: 'tools',
    'kubernetes.io': { namespace, serviceaccount: { name, uid: '14ee3fa4' } },
  });

const call = async (token: string) => {
  const client = await connectAgent(yard.house.gateway.url, 'tools', token);
  try {
    return await client.callTool({ name: TOOL, arguments: {} });
  } finally {
    await client.close();
  }
};
const said = (result: unknown): string => JSON.stringify(result);
const ran = (): number => yard.fixture.journal.count({ method: 'tools/call', name: TOOL });
const signedIn = new Map<string, Promise<Client>>();
const as = (person: string): Promise<Client> => {
  const client = signedIn.get(person) ?? yard.house.signIn(person);
  signedIn.set(person, client);
  return client;
};
const pendingOf = async (agent: string) => {
  const { items } = await (await as('carol')).requests.list({ status: 'pending' });
  return items.find((each) => each.agent === agent) ?? assert.fail(`nothing of ${agent} waits`);
};
const approve = async (person: string, id: string) => {
  const client = await as(person);
  const { action_digest, rendered_digest } = await client.requests.show(id);
  return client.requests.review(id, { decision: 'approved', action_digest, rendered_digest });
};
const post = (token: string | undefined, headers: { readonly [name: string]: string } = {}) =>
  fetch(`${yard.house.gateway.url}/mcp/tools`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });

describe('workload identity, end to end', () => {
  it('a GitHub-Actions-shaped token acts; what people approve is redeemed by a fresh token of the same agent', async () => {
    const before = ran();
    assert.match(said(await call(await github())), /review/);
    const { id } = await pendingOf('github:acme/shop');
    const shown = await (await as('bob')).requests.show(id);
    assert.deepEqual([shown.owner, shown.team], ['alice', 'acme']);
    await assert.rejects(approve('alice', id), /own/, 'A13: her own pipeline');
    await approve('bob', id);
    assert.match(said(await call(await github({ run_attempt: '2' }))), /image/);
    assert.equal(ran(), before + 1);
  });

  it('a Kubernetes-shaped token acts; its owner and team come from the rule', async () => {
    const before = ran();
    assert.match(said(await call(await inNamespace('batch', 'reporter'))), /review/);
    const { id, owner, team } = await pendingOf('k8s:batch:reporter');
    assert.deepEqual([owner, team], ['bob', 'batch']);
    await assert.rejects(approve('bob', id), /own/);
    await approve('carol', id);
    assert.match(said(await call(await inNamespace('batch', 'reporter'))), /image/);
    assert.equal(ran(), before + 1);
  });

  it('an agent nobody owns gets what policy allows outright, and is told why no more', async () => {
    const before = ran();
    const result = await call(await inNamespace('nobodys', 'stray'));
    assert.match(said(result), /no owner/);
    assert.equal(ran(), before);
  });

  it('A13: a person’s assistant: that person, and its owner, review nothing of it; the log has the chain', async () => {
    const token = await issuer.sign({
      iss: issuer.url,
      aud: AUDIENCE,
      iat: seconds(),
      exp: seconds() + 60,
      sub: 'al',
      client_id: 'assistant',
      scope: 'tools',
      act: { sub: 'assistant', act: { sub: 'planner' } },
    });
    assert.match(said(await call(token)), /review/);
    const { id, subject } = await pendingOf('mcp:assistant');
    assert.equal(subject, 'alice');
    await assert.rejects(approve('alice', id), /in (their|your) name/);
    await assert.rejects(approve('bob', id), /own/);
    const { principal } = await (await as('carol')).requests.show(id);
    assert.equal(principal.act?.act?.act?.sub, 'planner');
    await approve('carol', id);
    assert.match(said(await call(token)), /image/);
    const { log } = await as('carol');
    const [entry] = (await log.lookUp({ kind: 'access-request', agent: 'mcp:assistant' })).items;
    const { statement } = await log.entry(entry?.event_id ?? '');
    assert.match(JSON.stringify(statement), /"sub":"planner"/);
  });

  it('the caller’s token never reaches the upstream', async () => {
    const calls = yard.fixture.journal.list();
    assert.ok(calls.length > 0);
    for (const { headers, params } of calls) {
      assert.equal(headers['authorization'], `Bearer ${UPSTREAM_SECRET}`);
      assert.doesNotMatch(JSON.stringify(params), /eyJ/);
    }
  });

  it('the operator sees them, and what they come in with', async () => {
    const { items } = await (await as('alice')).agents.list();
    const configured = items.find(({ id }) => id === 'coder');
    assert.deepEqual(
      configured?.credentials.map(({ kind, state, oldest }) => [kind, state, oldest]),
      [['key', 'live', false]],
    );
  });
});

describe('MCP authorization', () => {
  it('the metadata names where tokens come from, and the scopes (RFC 9728)', async () => {
    const response = await fetch(`${yard.house.gateway.url}/.well-known/oauth-protected-resource/mcp/tools`);
    const said = (await response.json()) as { readonly [name: string]: unknown };
    assert.deepEqual(said['authorization_servers'], [issuer.url]);
    assert.deepEqual(said['scopes_supported'], ['tools']);
  });

  const challenges: readonly (readonly [string, () => Promise<string | undefined>, number, RegExp])[] = [
    ['nothing', async () => undefined, 401, /^Bearer resource_metadata="[^"]+\/mcp\/tools", scope="tools"$/],
    ['a bad token', async () => `${await github()}x`, 401, /error="invalid_token"/],
    [
      'a token without the scope',
      () => github({ scope: 'other' }),
      403,
      /error="insufficient_scope", scope="tools"/,
    ],
    [
      'a bound token without its proof',
      () => github({ cnf: { jkt: 'a'.repeat(43) } }),
      401,
      /^DPoP .*error="invalid_dpop_proof".*algs="ES256/,
    ],
  ];
  for (const [name, token, status, challenge] of challenges)
    it(`${name}: ${status}`, async () => {
      const response = await post(await token());
      assert.equal(response.status, status);
      assert.match(response.headers.get('www-authenticate') ?? '', challenge);
      assert.doesNotMatch(
        await response.text(),
        /issuer|signature|kid|audience/i,
        'the cause is the operator’s',
      );
    });

  it('a token for one resource is good there and nowhere else (RFC 8707)', async () => {
    const port = new URL(yard.house.gateway.url).port;
    const at = (upstream: string) => github({ aud: `http://localhost:${port}/mcp/${upstream}` });
    assert.equal((await post(await at('tools'))).status, 400, 'let in; the ping has no session');
    assert.equal((await post(await at('other'))).status, 401);
    assert.ok(yard.log.some((line) => /refused.*somebody else.*wrong_audience/.test(line)));
  });

  it('a bound token comes with a proof of each request, and each proof once (RFC 9449)', async () => {
    const holder = await makeHolder();
    const token = await github({ cnf: { jkt: holder.jkt } });
    const url = `http://localhost:${new URL(yard.house.gateway.url).port}/mcp/tools`;
    const proof = (jti: string) => holder.prove({ token, method: 'POST', url, jti });
    const asked = async (dpop: string) =>
      (await post(undefined, { authorization: `DPoP ${token}`, dpop })).status;
    const first = await proof('one-of-a-kind');
    assert.equal(await asked(first), 400, 'let in; the ping has no session');
    assert.equal(await asked(first), 401, 'used');
    assert.equal(await asked(await proof('another-one')), 400);
    assert.equal(await asked(`${await proof('and-a-third')}, ${await proof('and-fourth')}`), 401);
    assert.equal((await post(token)).status, 401, 'without any');
  });

  it('asks over AuthZEN as itself, and as nobody else', async () => {
    const ask = async (id: string) =>
      fetch(`${yard.house.gateway.url}/access/v1/evaluation`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await github()}` },
        body: JSON.stringify({
          subject: { type: 'agent', id },
          action: { name: 'deploy' },
          resource: { type: 'service', id: 'shop' },
        }),
      });
    assert.equal((await ask('github:acme/shop')).status, 200);
    assert.equal((await ask('coder')).status, 403);
  });

  it('a token larger than 16 KiB is refused, whatever is in it', async () => {
    assert.equal((await post(await github({ padding: 'x'.repeat(15_000) }))).status, 401);
  });

  it('a reviewer’s session token is no workload token, nor the reverse (I12)', async () => {
    const response = await fetch(`${yard.house.gateway.url}/api/me`, {
      headers: { authorization: `Bearer ${await github()}` },
    });
    assert.equal(response.status, 401);
  });
});

describe('losing standing', () => {
  it('a rule that is gone ends an open session at its next call', async () => {
    const client = await connectAgent(yard.house.gateway.url, 'tools', await github());
    await client.listTools();
    await yard.editConfig((text) => text.replace('repository: acme/*', 'repository: gone/*'));
    await until('the rule is gone', async () => (await post(await github())).status === 401);
    await assert.rejects(client.listTools());
    await client.close().catch(() => undefined); // its session ended with its standing
  });
});
