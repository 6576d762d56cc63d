import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { everyItem } from '@countersign/sdk';
import { hashCredential } from '../../identity/credential.ts';
import { csrfToken } from '../http/doors.ts';
import { EVENT_ID, NEW_PIN, OLD_PIN } from '../testing/parts.ts';
import { pendingRequest, REQUEST_ID } from '../testing/requests.ts';
import { createRig, PUBLIC_URL, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

describe('signing in', () => {
  const post = (body: object, headers: Record<string, string> = {}) =>
    rig.ask('/api/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  test('gives a browser a cookie no script reads, and never the token', async () => {
    const code = await rig.sessions.issueCode('mara');
    const response = await post({ code, kind: 'browser' }, { origin: PUBLIC_URL });
    assert.equal(response.status, 200);
    const cookie = response.headers.get('set-cookie') ?? '';
    assert.match(
      cookie,
      /^countersign=cs_session_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    const body = await response.text();
    assert.doesNotMatch(body, /cs_session_/);
    const token = cookie.slice('countersign='.length, cookie.indexOf(';'));
    assert.equal(JSON.parse(body).csrf, csrfToken(token));
  });

  test('over https the cookie is bound to the host', async () => {
    const secure = await createRig({ public_url: 'https://gate.example.com' });
    const code = await secure.sessions.issueCode('mara');
    const response = await secure.ask('/api/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://gate.example.com' },
      body: JSON.stringify({ code, kind: 'browser' }),
    });
    assert.match(response.headers.get('set-cookie') ?? '', /^__Host-countersign=.*; Path=\/; .*Secure$/);
    await secure.close();
  });

  test('needs our own Origin for a browser, so nobody is signed in as somebody else', async () => {
    const code = await rig.sessions.issueCode('mara');
    assert.equal((await post({ code, kind: 'browser' })).status, 403);
    assert.equal((await post({ code, kind: 'browser' }, { origin: 'https://evil.example' })).status, 403);
    assert.equal(
      (await post({ code, kind: 'browser' }, { origin: PUBLIC_URL })).status,
      200,
      'the refused tries consumed nothing',
    );
  });

  test('works once per code, and tells wrong, used and old apart for nobody', async () => {
    const code = await rig.sessions.issueCode('mara');
    const old = await rig.sessions.issueCode('mara');
    assert.equal((await post({ code, kind: 'cli' })).status, 200);
    const used = await post({ code, kind: 'cli' });
    const wrong = await post({ code: `cs_code_${'A'.repeat(43)}`, kind: 'cli' });
    rig.clock.now += 600_001;
    const late = await post({ code: old, kind: 'cli' });
    const bodies = await Promise.all([used, wrong, late].map((each) => each.text()));
    assert.deepEqual([used.status, wrong.status, late.status], [403, 403, 403]);
    assert.equal(new Set(bodies).size, 1);
  });

  test('says whom a link signs in, by the hash of its code, while it is good; and uses nothing up', async () => {
    const code = await rig.sessions.issueCode('mara');
    const challenge = 'c'.repeat(43);
    const at = {
      provider: 'p',
      account: 'a',
      tokens: '',
      recheck_ms: undefined,
      authenticated_at: undefined,
    };
    const handed = await rig.sessions.issueCode('mara', { challenge, at });
    const ask = async (text: string) => {
      const response = await rig.ask(`/api/sign-in/links/${encodeURIComponent(hashCredential(text))}`);
      const { person, type } = (await response.json()) as {
        readonly person?: object;
        readonly type?: string;
      };
      return person ?? type?.split(':').at(-1);
    };
    const other = `cs_code_${'A'.repeat(43)}`;
    assert.deepEqual(await ask(code), { id: 'mara', name: 'Mara Okafor' });
    assert.deepEqual([await ask(other), await ask(handed)], ['not_found', 'not_found']);
    assert.equal((await rig.ask(`/api/sign-in/links/${code}`)).status, 400);
    assert.equal((await post({ code, kind: 'cli' })).status, 200);
    assert.equal(await ask(code), 'not_found');
    const many = await Promise.all(
      Array.from({ length: 200 }, () => rig.ask(`/api/sign-in/links/${hashCredential(other)}`)),
    );
    assert.equal(many.at(-1)?.status, 429, 'I15');
    const late = await rig.sessions.issueCode('mara');
    rig.clock.now += 600_001;
    assert.equal(await ask(late), 'not_found');
  });

  test('is consumed by no GET (A16)', async () => {
    const code = await rig.sessions.issueCode('mara');
    for (const path of ['/sign-in', `/sign-in?code=${code}`, `/api/sign-in?code=${code}&kind=browser`])
      await rig.ask(path);
    assert.equal((await post({ code, kind: 'cli' })).status, 200);
  });

  test('is limited by address', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 12; at += 1) statuses.push((await post({ code: 'x', kind: 'cli' })).status);
    assert.deepEqual(statuses, [...Array(10).fill(403), 429, 429]);
    rig.clock.now += 6_000;
    assert.equal((await post({ code: 'x', kind: 'cli' })).status, 403);
  });

  test('answers are not kept under an idempotency key: they hold a credential', async () => {
    const code = await rig.sessions.issueCode('mara');
    const key = { 'idempotency-key': 'k1' };
    assert.equal((await post({ code, kind: 'cli' }, key)).status, 200);
    assert.equal((await post({ code, kind: 'cli' }, key)).status, 403);
  });
});

describe('sessions', () => {
  test('are listed, one’s own only, and ended', async () => {
    const [one, two] = [await rig.client('ines'), await rig.client('ines')];
    await rig.client('jon');
    const { items } = await one.sessions.list();
    assert.equal(items.length, 2);
    const other = items.find((each) => !each.current);
    assert.ok(other);
    await one.sessions.end(other.id);
    await assert.rejects(two.me(), { kind: 'not_signed_in' });
    const jons = await (await rig.client('jon')).me();
    await assert.rejects(one.sessions.end(jons.session.id), { kind: 'not_found' });
    await assert.rejects(one.sessions.list({ person: 'jon' }), { kind: 'not_allowed' });
    await assert.rejects(one.reviewers.signOut('jon'), { kind: 'not_allowed' });
  });

  test('an operator lists and ends another person’s, one or all, at once', async () => {
    const operator = await rig.client('mara');
    const jons = [await rig.client('jon'), await rig.client('jon'), await rig.client('jon')];
    const { items } = await operator.sessions.list({ person: 'jon' });
    assert.deepEqual([items.length, items.some((each) => each.current)], [3, false]);
    await operator.sessions.end((await jons[0]?.me())?.session.id ?? '');
    await assert.rejects(jons[0]?.me() ?? Promise.resolve(), { kind: 'not_signed_in' });
    assert.deepEqual(await operator.reviewers.signOut('jon'), { ended: 2 });
    await assert.rejects(jons[2]?.me() ?? Promise.resolve(), { kind: 'not_signed_in' });
    await assert.rejects(operator.reviewers.signOut('nobody'), { kind: 'not_found' });
    assert.equal((await operator.me()).id, 'mara');
  });

  test('a browser that signs in again loses the session it had', async () => {
    const origin = PUBLIC_URL;
    const signIn = async (cookie?: string): Promise<string> => {
      const response = await rig.ask('/api/sign-in', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin,
          ...(cookie === undefined ? {} : { cookie: `countersign=${cookie}` }),
        },
        body: JSON.stringify({ code: await rig.sessions.issueCode('jon'), kind: 'browser' }),
      });
      return /countersign=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? '';
    };
    const before = await signIn();
    const after = await signIn(before);
    assert.notEqual(after, before);
    assert.equal(await rig.sessions.authenticate(before), undefined);
    assert.equal((await rig.sessions.authenticate(after))?.person.id, 'jon');
  });

  test('nobody makes people of the configuration inactive here, nor themselves', async () => {
    const operator = await rig.client('mara');
    await assert.rejects(operator.reviewers.setActive('jon', false), { kind: 'wrong_state' });
    await assert.rejects(operator.reviewers.setActive('mara', false), { kind: 'not_allowed' });
    await assert.rejects((await rig.client('jon')).reviewers.setActive('mara', false), {
      kind: 'not_allowed',
    });
  });

  test('signing out ends this one', async () => {
    const client = await rig.client('mara');
    await client.signOut();
    await assert.rejects(client.me(), { kind: 'not_signed_in' });
  });
});

describe('reviewing', () => {
  const shown = {
    action_digest: pendingRequest().action_digest,
    rendered_digest: pendingRequest().rendered_digest,
  };

  test('the reviewer is who is signed in, whatever else is said (A13)', async () => {
    const mara = await rig.client('mara');
    const result = await mara.requests.review(REQUEST_ID, {
      decision: 'approved',
      reason: 'looks right',
      ...shown,
    });
    assert.equal(result.status, 'approved');
    assert.deepEqual(rig.requests.answers, [
      {
        request_id: REQUEST_ID,
        reviewer: 'mara',
        decision: 'approved',
        reason: 'looks right',
        proof: 'recent',
        session: (await mara.me()).session.id,
        channel: 'cli',
        ...shown,
      },
    ]);
  });

  test('the owner of the agent is refused', async () => {
    const jon = await rig.client('jon');
    await assert.rejects(jon.requests.review(REQUEST_ID, { decision: 'approved', ...shown }), {
      kind: 'not_eligible',
      status: 403,
    });
    assert.equal((await jon.requests.show(REQUEST_ID)).eligibility.eligible, false);
  });

  test('a second answer is told so, with the state (I5)', async () => {
    const mara = await rig.client('mara');
    await mara.requests.review(REQUEST_ID, { decision: 'denied' });
    await assert.rejects(
      mara.requests.review(REQUEST_ID, { decision: 'approved', ...shown }),
      (error: { kind: string; body: object }) => {
        assert.equal(error.kind, 'already_reviewed');
        assert.equal((error.body as { request_status: string }).request_status, 'denied');
        return true;
      },
    );
  });

  test('an approval of something else is refused (A8)', async () => {
    const mara = await rig.client('mara');
    const other = { ...shown, rendered_digest: `sha256:${'f'.repeat(64)}` };
    await assert.rejects(mara.requests.review(REQUEST_ID, { decision: 'approved', ...other }), {
      kind: 'shown_changed',
      status: 409,
    });
  });

  test('the same key gives the same answer and one review; another body is a conflict', async () => {
    const mara = await rig.client('mara');
    const once = { idempotency_key: 'click-1' };
    const first = await mara.requests.review(REQUEST_ID, { decision: 'denied' }, once);
    assert.deepEqual(await mara.requests.review(REQUEST_ID, { decision: 'denied' }, once), first);
    assert.equal(rig.requests.answers.length, 1);
    await assert.rejects(mara.requests.review(REQUEST_ID, { decision: 'denied', reason: 'x' }, once), {
      kind: 'idempotency_conflict',
      status: 409,
    });
  });

  test('a failure of ours frees the key', async () => {
    const mara = await rig.client('mara');
    const { review } = rig.requests;
    rig.requests.review = () => Promise.reject(new Error('broken'));
    await assert.rejects(mara.requests.review(REQUEST_ID, { decision: 'denied' }, { idempotency_key: 'k' }), {
      status: 500,
    });
    rig.requests.review = review;
    assert.equal(
      (await mara.requests.review(REQUEST_ID, { decision: 'denied' }, { idempotency_key: 'k' })).status,
      'denied',
    );
  });

  test('unknown ids are unknown, and what is no id is refused', async () => {
    const mara = await rig.client('mara');
    await assert.rejects(mara.requests.show('req_01JD0000000000000000000099'), { kind: 'not_found' });
    await assert.rejects(mara.requests.show('../me'), { kind: 'invalid_request' });
  });

  test('cancel and reveal say why not', async () => {
    const [mara, ines] = [await rig.client('mara'), await rig.client('ines')];
    await assert.rejects(ines.requests.cancel(REQUEST_ID), { kind: 'not_allowed' });
    await assert.rejects(ines.requests.reveal(REQUEST_ID, 'need to see it'), { kind: 'not_allowed' });
    await mara.requests.reveal(REQUEST_ID, 'need to see it');
    await mara.requests.cancel(REQUEST_ID);
    await assert.rejects(mara.requests.cancel(REQUEST_ID), { kind: 'wrong_state' });
  });
});

describe('erasing', () => {
  test('says who may, when, and that it happened once', async () => {
    const [mara, jon] = [await rig.client('mara'), await rig.client('jon')];
    await assert.rejects(jon.requests.erase(REQUEST_ID, 'asked to'), { kind: 'not_allowed', status: 403 });
    await assert.rejects(mara.requests.erase(REQUEST_ID, 'asked to'), { kind: 'wrong_state', status: 409 });
    await mara.requests.cancel(REQUEST_ID);
    const once = { idempotency_key: 'erase-1' };
    const first = await mara.requests.erase(REQUEST_ID, 'asked to', once);
    assert.deepEqual([first.by, first.already], ['mara', false]);
    assert.deepEqual(await mara.requests.erase(REQUEST_ID, 'asked to', once), first, 'the same key');
    assert.deepEqual(await mara.requests.erase(REQUEST_ID, 'again'), { ...first, already: true });
    const { erased } = await jon.requests.show(REQUEST_ID);
    assert.deepEqual(erased, { at: first.at, by: 'mara', reason: 'asked to' });
  });

  test('needs a reason, a request, and a person', async () => {
    const mara = await rig.client('mara');
    for (const reason of ['', '  ', 'x'.repeat(5000)])
      await assert.rejects(mara.requests.erase(REQUEST_ID, reason), { kind: 'invalid_request' });
    await assert.rejects(mara.requests.erase('req_01JD0000000000000000000099', 'x'), { kind: 'not_found' });
    const asAgent = await rig.ask(`/api/requests/${REQUEST_ID}/erase`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.access.key}`, 'content-type': 'application/json' },
      body: '{"reason":"hide it"}',
    });
    assert.equal(asAgent.status, 403, 'I12');
    assert.match(await asAgent.text(), /wrong_credential_kind/);
  });
});

describe('looking around', () => {
  test('every list answers in the client’s shapes', async () => {
    const mara = await rig.client('mara');
    assert.equal(
      (await mara.requests.list({ status: 'pending', reviewable: true })).items[0]?.id,
      REQUEST_ID,
    );
    assert.equal((await (await rig.client('jon')).requests.list({ reviewable: true })).items.length, 0);
    assert.deepEqual((await mara.agents.list()).items[0]?.owner, 'jon');
    assert.deepEqual(
      (await mara.reviewers.list()).items.map(({ id }) => id),
      ['mara', 'jon', 'ines'],
    );
    assert.equal((await mara.upstreams.list()).items[0]?.env, 'dev');
    assert.equal((await mara.policy.show()).rules[0]?.id, 'read');
    assert.equal((await mara.approvals.list({ active: true })).items.length, 0);
  });

  test('a tool is accepted by the pin that was shown, by an operator', async () => {
    const mara = await rig.client('mara');
    const { pin, changes } = await mara.tools.diff('files', 'write_file');
    assert.equal(changes[0]?.path, '/description');
    await assert.rejects(mara.tools.accept('files', 'write_file', { pin: OLD_PIN, class: 'write' }), {
      kind: 'wrong_state',
    });
    await mara.tools.accept('files', 'write_file', { pin, class: 'write' });
    assert.equal(pin, NEW_PIN);
    await assert.rejects(mara.tools.diff('files', 'no_such'), { kind: 'not_found' });
  });

  test('the log is looked up, proven and exported', async () => {
    const ines = await rig.client('ines');
    assert.equal((await ines.log.lookUp({ agent: 'writer' })).items.length, 1);
    assert.equal((await ines.log.lookUp({ agent: 'other' })).items.length, 0);
    assert.ok((await ines.log.entry(EVENT_ID)).statement);
    await assert.rejects(ines.log.receipt(EVENT_ID), { kind: 'not_yet_sealed', retry_after_s: 1 });
    const sizes: number[] = [];
    for await (const { size } of everyItem((paging) => ines.log.checkpoints(paging))) sizes.push(size);
    assert.deepEqual(sizes, [2, 1]);
    await assert.rejects(ines.log.checkpoints({ cursor: 'newest' }), { field: 'query.cursor' });
    let text = '';
    for await (const chunk of await ines.log.export({ since: 0 })) text += chunk;
    assert.equal(text, '{"leaf_index":0}\n{"leaf_index":1}\n');
  });

  test('a sign-in link is written on the host; the answer says where and nothing more', async () => {
    const link = await (await rig.client('mara')).writeSignInLink('jon');
    assert.deepEqual(Object.keys(link).sort(), ['expires_at', 'path', 'person']);
    assert.doesNotMatch(JSON.stringify(link), /cs_code_/);
  });
});

test('what a port says beyond the contract does not leave (I7)', async () => {
  const loose = { ...pendingRequest(), installation_key: 'secret' };
  rig.requests.all.set(REQUEST_ID, loose);
  const detail = await (await rig.client('mara')).requests.show(REQUEST_ID);
  assert.equal('installation_key' in detail, false);
});
