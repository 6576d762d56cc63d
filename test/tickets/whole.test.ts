/**
 * A whole gateway, a ticket system in front and the organisation's provider beside it: what its key opens and what it does not,
 * a person's answer handed over until the held call has run, and a refusal the agent is told (A15–A18).
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { renderRequest } from '../../gateway/src/cli/render/request.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { type Idp, startIdp } from '../../gateway/testing/idp.ts';
import { idTokenOf, TICKET_CALLBACK, TICKET_CLIENT } from '../../gateway/testing/relay.ts';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, HELD, openYard, ranOf, type Yard } from '../gateway/yard.ts';

const KEY = makeCredential('ticket');
const AT_MOST = { timeout: 90_000 };
let yard: Yard;
let idp: Idp;
let without: string;

before(async () => {
  yard = await openYard();
  idp = await startIdp({
    redirect_uris: ['http://localhost:9/none'],
    others: [{ client_id: TICKET_CLIENT, redirect_uri: TICKET_CALLBACK }],
  });
  idp.accounts.set('bob', { name: 'Bob' });
  await writeFile(path.join(yard.dir, 'idp-secret'), idp.client_secret, { mode: 0o600 });
  await yard.editConfig((text) => {
    without = `${text.replace('bob: { name: Bob,', `bob: { name: Bob, accounts: ["oidc:${idp.issuer}#bob"],`)}
sign_in:
  oidc:
    corp: { name: Corp, issuer: "${idp.issuer}", client_id: countersign, client_secret: file:./idp-secret }
`;
    return `${without}ticketing:
  jira:
    keys: [{ hash: "${hashCredential(KEY)}", expires: 2099-01-01 }]
    may: [comment, deny, relay]
    sees: { environments: [prod] }
    url: https://jira.example.com/browse/
    oidc: { provider: corp, client_id: ${TICKET_CLIENT} }
    origins: [https://jira.example.com]
`;
  });
  await yard.restart();
}, AT_MOST);
after(async () => {
  await yard?.close();
  await idp?.close();
});

async function ask(
  at: string,
  { method = 'POST', body, key = KEY }: { method?: string; body?: unknown; key?: string } = {},
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
  const response = await fetch(`${yard.house.gateway.url}${at}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
const requestAt = (id: string): string => `/ticketing/v1/requests/${id}`;
const SAID = { author: 'Dana', ticket: { key: 'OPS-12', url: 'https://jira.example.com/browse/OPS-12' } };

it('comments on a held call, hands its reviewer’s answer over, and the call runs', AT_MOST, async () => {
  const id = await callHeld(yard);
  assert.ok(id);
  const at = requestAt(id);
  const seen = await ask(at, { method: 'GET' });
  assert.deepEqual([seen.status, seen.json['status'], seen.json['upstream']], [200, 'pending', 'tools']);
  const said = await ask(`${at}/comments`, { body: { ...SAID, text: 'change CHG-7 is approved' } });
  assert.equal(said.status, 201, JSON.stringify(said.json));

  const shown = await ask(`${at}/rendering`);
  assert.equal(shown.status, 200, JSON.stringify(shown.json));
  const { action_digest, rendered_digest } = shown.json;
  const answer = {
    person: 'bob',
    decision: 'approved',
    reason: 'as in OPS-12',
    action_digest,
    rendered_digest,
  };
  const asked = await ask(`${at}/challenge`, { body: { ...answer, proof: 'oidc' } });
  assert.equal(asked.status, 200, JSON.stringify(asked.json));
  const id_token = await idTokenOf(idp, { sub: 'bob', nonce: String(asked.json['nonce']), max_age: 0 });

  const alone = await ask(`${at}/answers`, { body: answer });
  assert.equal(alone.status, 400, 'its own word is not even an answer');
  assert.equal(ranOf(yard), 0);
  const taken = await ask(`${at}/answers`, { body: { ...answer, proof: { id_token } } });
  assert.deepEqual([taken.status, taken.json['status']], [201, 'approved'], JSON.stringify(taken.json));
  const again = await ask(`${at}/answers`, { body: { ...answer, proof: { id_token } } });
  assert.deepEqual([again.status, again.json['request_status']], [409, 'approved']);

  assert.equal(await callHeld(yard), undefined, 'it ran');
  assert.equal(ranOf(yard), 1);
  const alice = await yard.house.signIn('alice');
  const detail = await alice.requests.show(id);
  assert.equal(detail.ticket_notes?.[0]?.text, 'change CHG-7 is approved');
  assert.deepEqual(detail.reviews[0]?.relayed, { by: 'jira', proof: 'oidc' });
  const drawn = renderRequest(detail, { width: 100, color: false });
  assert.match(drawn, /by Bob .*relayed by jira, OpenID Connect proof/);
  assert.match(drawn, /jira says .*in its words:/);
});

it('opens nothing else: no route of people, agents, providers or auditors', AT_MOST, async () => {
  const { url } = yard.house.gateway;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    readonly paths: Record<string, Record<string, { readonly security?: readonly object[] }>>;
  };
  const tried: string[] = [];
  for (const [at, methods] of Object.entries(document.paths)) {
    if (at.startsWith('/ticketing/')) continue;
    for (const [method, { security = [] }] of Object.entries(methods)) {
      if (security.length === 0) continue;
      const filled = at.replaceAll(/\{\w+\}/g, 'req_01JD0000000000000000000008');
      const { status } = await ask(filled, {
        method: method.toUpperCase(),
        ...(method === 'get' ? {} : { body: {} }),
      });
      tried.push(`${method} ${at}`);
      assert.ok(status === 401 || status === 403, `${method} ${at}: ${status}`);
    }
  }
  assert.ok(tried.length > 50, `${tried.length} routes`);
  for (const at of ['/mcp/tools', '/scim/v2/Users'])
    assert.ok([401, 403].includes((await ask(at, { body: {} })).status), at);
});

it('is the only key to its own routes', AT_MOST, async () => {
  const at = requestAt('req_01JD0000000000000000000008');
  const person = String(yard.key).replace('cs_agent_', 'cs_person_');
  for (const key of [yard.key, person, makeCredential('scim'), makeCredential('ticket'), 'x'])
    for (const [method, path] of [
      ['GET', at],
      ['POST', `${at}/comments`],
      ['POST', `${at}/denial`],
      ['POST', `${at}/rendering`],
      ['POST', `${at}/challenge`],
      ['POST', `${at}/answers`],
    ] as const) {
      const { status } = await ask(path, { method, key, ...(method === 'GET' ? {} : { body: {} }) });
      assert.ok(status === 401 || status === 403, `${method} ${path}: ${status}`);
    }
});

it('tells browsers on whose pages passkeys may be used', AT_MOST, async () => {
  const response = await fetch(`${yard.house.gateway.url}/.well-known/webauthn`);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.deepEqual(await response.json(), { origins: ['https://jira.example.com'] });
});

it(
  'refuses a held call: the agent hears whose refusal it is, and nothing runs; the log holds',
  AT_MOST,
  async () => {
    const ran = ranOf(yard);
    const id = await callHeld(yard);
    assert.ok(id);
    const body = { ...SAID, reason: 'not in the freeze' };
    const denied = await ask(`${requestAt(id)}/denial`, { body });
    assert.deepEqual([denied.status, denied.json['already']], [201, false], JSON.stringify(denied.json));
    const again = await ask(`${requestAt(id)}/denial`, { body });
    assert.deepEqual([again.status, again.json['already']], [201, true]);
    const agent = await yard.connect();
    const { content } = await agent.callTool({ name: HELD, arguments: {} });
    await agent.close();
    assert.match(
      JSON.stringify(content),
      /The ticket system jira refused this action.*It said: not in the freeze/,
    );
    assert.equal(ranOf(yard), ran);

    const { gateway } = yard.house;
    await gateway.flushLog();
    const source = openLogSource(path.join(gateway.data_dir, 'log'));
    const report = await verifyLog({ source, vkey: gateway.vkey });
    assert.ok(report.ok, JSON.stringify(report.findings));
  },
);

it('is out as soon as its key is taken out of the file', AT_MOST, async () => {
  const at = requestAt('req_01JD0000000000000000000008');
  assert.equal((await ask(at, { method: 'GET' })).status, 404);
  await yard.editConfig(() => without);
  await until('the key is refused', async () => (await ask(at, { method: 'GET' })).status === 401);
  assert.equal((await fetch(`${yard.house.gateway.url}/.well-known/webauthn`)).status, 404);
});
