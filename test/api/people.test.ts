import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient, type LiveEvent } from '@countersign/sdk';
import { type ApiHouse, openApiHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: ApiHouse;
before(async () => {
  house = await openApiHouse();
}, AT_MOST);
after(() => house.close(), AT_MOST);

const open = async (id: string): Promise<string> => {
  const asked = {
    subject: { type: 'agent', id: 'deployer' },
    action: { name: 'write' },
    resource: { type: 'service', id },
  };
  const { context } = await house.agent.access.evaluate(asked);
  const { binding_token = '' } = context.access_request ?? {};
  const denial = { evaluation_id: context.evaluation_id, binding_token };
  return (await house.agent.access.requestAccess({ ...asked, denial })).task.id;
};

describe('over HTTP', AT_MOST, () => {
  it('A16: a browser signs in, reviews with its CSRF token from our own page only, and signs out', async () => {
    const code = await house.gateway.sessions.issueCode('bob');
    const post = (at: string, headers: Record<string, string>, body?: object): Promise<Response> =>
      fetch(`${house.url}${at}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const own = { origin: house.url };
    assert.equal((await post('/api/sign-in', {}, { code, kind: 'browser' })).status, 403, 'no Origin');
    const signedIn = await post('/api/sign-in', own, { code, kind: 'browser' });
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
    const { csrf } = (await signedIn.json()) as { csrf: string };
    const id = await open('from-a-browser');
    const deny = { decision: 'denied', reason: 'not today' };
    const review = (headers: Record<string, string>): Promise<Response> =>
      post(`/api/requests/${id}/reviews`, headers, deny);
    assert.equal((await review({ cookie, ...own })).status, 403, 'no token');
    assert.equal(
      (await review({ cookie, 'x-countersign-csrf': csrf, origin: 'https://evil.example' })).status,
      403,
    );
    assert.equal((await review({ cookie, 'x-countersign-csrf': csrf, ...own })).status, 201);
    assert.equal((await post('/api/sign-out', { cookie, 'x-countersign-csrf': csrf, ...own })).status, 204);
    assert.equal((await fetch(`${house.url}/api/me`, { headers: { cookie } })).status, 401);
  });

  it('changes are seen live, and the stream ends with its session', async () => {
    const bob = await house.person('bob');
    const stop = new AbortController();
    const events = bob.requests.watch({ signal: stop.signal });
    assert.deepEqual((await events.next()).value, { kind: 'look_again' });
    const id = await open('live');
    const seen = (await events.next()).value as LiveEvent;
    assert.deepEqual(seen.kind === 'change' ? [seen.change.request_id, seen.change.status] : seen, [
      id,
      'pending',
    ]);
    await house.agent.access.cancel(id);
    await bob.signOut();
    await assert.rejects(
      async () => {
        for await (const _ of events);
      },
      { kind: 'not_signed_in' },
    );
    stop.abort();
  });

  it('I12: an agent’s key opens no people’s route, a person’s token no agents’', async () => {
    const asPerson = createClient({ url: house.url, token: house.key });
    await assert.rejects(asPerson.requests.list(), { kind: 'wrong_credential_kind' });
    const signedIn = await createClient({ url: house.url }).signIn({
      code: await house.gateway.sessions.issueCode('bob'),
      kind: 'cli',
    });
    assert.ok(signedIn.token);
    const asAgent = createClient({ url: house.url, token: signedIn.token });
    const asked = {
      subject: { type: 'agent', id: 'deployer' },
      action: { name: 'read' },
      resource: { type: 'service', id: 'a' },
    };
    await assert.rejects(asAgent.access.evaluate(asked), { kind: 'wrong_credential_kind' });
  });

  it('the same key repeats the answer, in the real store too', async () => {
    const id = await open('twice');
    const bob = await house.person('bob');
    const once = { idempotency_key: 'one-click' };
    const first = await bob.requests.review(id, { decision: 'denied' }, once);
    assert.deepEqual(await bob.requests.review(id, { decision: 'denied' }, once), first);
    await assert.rejects(bob.requests.review(id, { decision: 'denied', reason: 'x' }, once), {
      kind: 'idempotency_conflict',
    });
    await assert.rejects(bob.requests.review(id, { decision: 'denied' }), { kind: 'already_resolved' });
  });

  it('every list answers, pages follow, an export is on the record', async () => {
    const carol = await house.person('carol');
    for (const list of [
      carol.agents.list,
      carol.reviewers.list,
      carol.upstreams.list,
      carol.tools.list,
      carol.sessions.list,
    ]) {
      assert.ok(Array.isArray((await list()).items));
    }
    assert.equal((await carol.policy.show()).rules.length, 2);
    const first = await carol.log.lookUp({ limit: 1 });
    const second = await carol.log.lookUp({ limit: 1, cursor: first.next_cursor ?? '' });
    assert.notEqual(first.items[0]?.event_id, second.items[0]?.event_id);
    await assert.rejects(carol.log.lookUp({ cursor: 'nonsense!' }), { status: 400 });
    await assert.rejects(carol.requests.list({ cursor: 'nonsense!' }), { status: 400 });
    const before = (await carol.log.lookUp({ kind: 'export' })).items.length;
    let text = '';
    for await (const chunk of await carol.log.export()) text += chunk;
    assert.ok(text.split('\n').length > 5);
    assert.equal((await carol.log.lookUp({ kind: 'export' })).items.length, before + 1);
  });

  it('health, metrics, keys and the log are public, and name nobody', async () => {
    await house.gateway.flushLog();
    for (const at of [
      '/health/live',
      '/health/ready',
      '/metrics',
      '/jwks.json',
      '/log/checkpoint',
      '/openapi.json',
      '/sign-in',
    ]) {
      const response = await fetch(`${house.url}${at}`);
      assert.equal(response.status, 200, at);
      if (at === '/metrics') assert.doesNotMatch(await response.text(), /alice|bob|deployer/);
      else await response.body?.cancel();
    }
    assert.equal((await fetch(`${house.url}/log/..%2fstore.db`)).status, 404);
  });
});
