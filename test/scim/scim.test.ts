/** A provider pushes people to a whole gateway: they sign in, review, and are gone the moment it says so. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import type { Me, RequestDetail } from '@countersign/sdk';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, ranOf } from '../gateway/yard.ts';
import { type House, openSignInHouse, type SignedIn } from '../sign-in/house.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const token = makeCredential('scim');
let house: House;

const scim = async (method: string, place: string, body?: object): Promise<Response> =>
  fetch(`${house.url}/scim/v2${place}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
async function create(place: string, body: object): Promise<string> {
  const response = await scim('POST', place, body);
  const { id, detail } = (await response.json()) as { readonly id: string; readonly detail?: string };
  assert.equal(response.status, 201, detail ?? '');
  return id;
}
const user = (sub: string): Promise<string> =>
  create('/Users', {
    schemas: [`${CORE}User`],
    userName: `${sub}@corp.example`,
    externalId: sub,
    displayName: `Secret name of ${sub}`,
    emails: [{ value: `${sub}@corp.example`, primary: true }],
  });
const patch = (place: string, operation: object): Promise<Response> =>
  scim('PATCH', place, { schemas: [PATCH], Operations: [operation] });

const call = (): Promise<string | undefined> => callHeld(house.yard);
const ran = (): number => ranOf(house.yard);

async function approve(person: SignedIn, id: string): Promise<Response> {
  const shown = (await (await person.api(`/api/requests/${id}`)).json()) as RequestDetail;
  const { action_digest, rendered_digest } = shown;
  const body = { decision: 'approved', action_digest, rendered_digest };
  return person.api(`/api/requests/${id}/reviews`, { method: 'POST', body });
}

let group: string;
before(async () => {
  house = await openSignInHouse();
  for (const sub of ['erin', 'finn']) house.idp.accounts.set(sub, { name: sub, groups: [] });
  await house.yard.editConfig(
    (text) => `${text}
scim:
  corp:
    tokens: [{ hash: "${hashCredential(token)}", expires: 2099-01-01 }]
    link: { oidc: corp }
    groups: { Database Admins: dba }
    roles: { reviewer: [Database Admins] }
`,
  );
  await until(
    'the token is taken up while running',
    async () => (await scim('GET', '/Users')).status === 200,
  );
  group = await create('/Groups', { schemas: [`${CORE}Group`], displayName: 'Database Admins' });
});
after(() => house.close());

const join = (id: string): Promise<Response> =>
  patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] });

it('who is pushed signs in, reviews by pushed groups, and is gone with their review and their sessions at once', async () => {
  const erin = await user('erin');
  assert.equal((await house.signIn('erin')).response.status, 403, 'without a role nobody comes in');
  await join(erin);
  const person = await house.signIn('erin');
  const me = (await (await person.api('/api/me')).json()) as Me;
  assert.deepEqual([me.groups, me.roles], [['dba'], ['reviewer']]);
  const id = await call();
  assert.ok(id);
  assert.equal((await approve(person, id)).status, 201);
  const stream = await person.api('/api/events');
  assert.equal(stream.status, 200);
  const before = ran();
  assert.equal((await scim('DELETE', `/Users/${erin}`)).status, 204);
  for await (const _ of stream.body ?? []); // ends when the session does
  assert.equal((await person.api('/api/me')).status, 401);
  await call();
  assert.equal(ran(), before, 'what they approved does not run');
  assert.equal((await house.signIn('erin')).response.status, 403, 'and they do not come back by signing in');
});

it('the same with nobody gone: the test above can fail', async () => {
  const finn = await user('finn');
  await join(finn);
  const person = await house.signIn('finn');
  const id = await call();
  assert.ok(id);
  assert.equal((await approve(person, id)).status, 201);
  const before = ran();
  await patch(`/Users/${finn}`, { op: 'Replace', path: 'displayName', value: 'Finn' });
  assert.equal(await call(), undefined);
  assert.equal(ran(), before + 1);
});

it('a provider’s token reads no request, reviews nothing and acts as nobody (I12)', async () => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const doors: readonly [method: string, path: string][] = [
    ['GET', '/api/me'],
    ['GET', '/api/requests'],
    ['POST', '/api/requests/req_01JD0000000000000000000001/reviews'],
    ['GET', '/api/log/entries'],
    ['POST', '/access/v1/evaluation'],
    ['POST', '/mcp/tools'],
  ];
  for (const [method, at] of doors) {
    const response = await fetch(house.url + at, {
      method,
      headers,
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    assert.ok([401, 403].includes(response.status), `${method} ${at}: ${response.status}`);
  }
  assert.equal(
    (await fetch(`${house.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${house.yard.key}` } }))
      .status,
    401,
  );
});

it('what is pushed names nobody in the log, and a token taken out is out while running (I7)', async () => {
  const list = async () =>
    ((await (await scim('GET', '/Users')).json()) as { Resources: object[] }).Resources;
  const before = await list();
  assert.equal(before.length, 1);
  await house.gateway.flushLog();
  const alice = await house.withLink('alice');
  const { items } = await alice.log.lookUp({ kind: 'config-change', limit: 200 });
  const details = await Promise.all(items.map(({ event_id }) => alice.log.entry(event_id)));
  const said = JSON.stringify(details);
  assert.match(said, /person deprovisioned/);
  assert.doesNotMatch(said, /Secret name|corp\.example|Database Admins/);
  await house.yard.editConfig((text) =>
    text.replace(hashCredential(token), hashCredential(makeCredential('scim'))),
  );
  await until(
    'the token is taken out while running',
    async () => (await scim('GET', '/Users')).status === 401,
  );
  const gateway_log = house.log.join('\n');
  assert.doesNotMatch(gateway_log, /Secret name/);
  assert.ok(!gateway_log.includes(token));
  const config = await readFile(path.join(house.yard.dir, 'countersign.yaml'), 'utf8');
  assert.ok(!config.includes(token));
});
