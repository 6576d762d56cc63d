import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StoreUnavailable } from '../store/store.ts';
import { csrfToken } from './http/doors.ts';
import { PROBLEM_PREFIX } from './http/problem.ts';
import { REQUEST_ID } from './testing/requests.ts';
import { createRig, PUBLIC_URL, type Rig } from './testing/rig.ts';

let rig: Rig;
before(async () => {
  rig = await createRig();
});
after(() => rig.close());

const json = { 'content-type': 'application/json' };
const filled = (path: string): string => path.replaceAll(/\{(\w+)\}/g, REQUEST_ID);
const kindOf = async (response: Response): Promise<string> => {
  const body = (await response.json()) as { readonly type: string };
  return body.type.slice(PROBLEM_PREFIX.length);
};

describe('doors (I12)', () => {
  test('no route but the public ones opens without a credential', async () => {
    const open = rig.api.routes.filter(({ spec }) => spec.door.name === 'public').map(({ spec }) => spec.id);
    assert.deepEqual(open.sort(), [
      'accessConfiguration',
      'beginSignIn',
      'finishSignIn',
      'listSignInProviders',
      'relatedOrigins',
      'signIn',
      'signInLink',
    ]);
    for (const { spec } of rig.api.routes) {
      const response = await rig.ask(filled(spec.path), { method: spec.method });
      assert.equal(
        response.status === 401,
        !open.includes(spec.id),
        `${spec.method} ${spec.path}: ${response.status}`,
      );
    }
  });

  test('an agent’s key opens no people’s route, a person’s token no agents’ route', async () => {
    const token = await rig.token('mara');
    for (const { spec } of rig.api.routes) {
      if (spec.door.name === 'public') continue;
      const wrong = spec.door.name === 'person' ? rig.access.key : token;
      const response = await rig.ask(filled(spec.path), {
        method: spec.method,
        headers: { authorization: `Bearer ${wrong}` },
      });
      assert.equal(response.status, 403, spec.path);
      assert.equal(await kindOf(response), 'wrong_credential_kind', spec.path);
    }
  });

  test('what is no credential of ours is not one', async () => {
    const browser = await rig.token('mara', 'browser');
    const cli = await rig.token('mara');
    const cases: readonly [name: string, headers: Record<string, string>][] = [
      ['nothing', {}],
      ['basic', { authorization: 'Basic bWFyYTpwdw==' }],
      ['two tokens', { authorization: `Bearer ${cli} ${cli}` }],
      ['cut token', { authorization: `Bearer ${cli.slice(0, -1)}` }],
      ['unknown token', { authorization: `Bearer cs_person_${'a'.repeat(43)}` }],
      ['a browser’s token as bearer', { authorization: `Bearer ${browser}` }],
      ['a command line’s token as cookie', { cookie: `countersign=${cli}` }],
      ['two cookies', { cookie: `countersign=${browser}; countersign=${browser}` }],
      ['cookie of another name', { cookie: `__Host-countersign=${browser}` }],
    ];
    for (const [name, headers] of cases)
      assert.equal((await rig.ask('/api/me', { headers })).status, 401, name);
    assert.equal(
      (await rig.ask('/api/me', { headers: { cookie: `a=b; countersign=${browser}` } })).status,
      200,
    );
  });

  test('a role that is missing closes the operators’ routes', async () => {
    const jon = await rig.client('jon');
    await assert.rejects(jon.writeSignInLink('mara'), { kind: 'not_allowed', status: 403 });
    await assert.rejects(
      jon.tools.accept('files', 'write_file', { pin: `sha256:${'1'.repeat(64)}`, class: 'write' }),
      { kind: 'not_allowed' },
    );
  });

  test('a person made inactive is out at once', async () => {
    const client = await rig.client('ines');
    await client.me();
    const ines = rig.people.get('ines');
    assert.ok(ines);
    rig.people.set('ines', { ...ines, active: false });
    await assert.rejects(client.me(), { kind: 'not_signed_in' });
    rig.people.set('ines', ines);
  });
});

describe('changes from a browser (A16)', () => {
  test('need our own Origin and the session’s CSRF token', async () => {
    const cookie = await rig.token('mara', 'browser');
    const own = { origin: PUBLIC_URL, 'x-countersign-csrf': csrfToken(cookie) };
    const cases: readonly [name: string, headers: Record<string, string>, status: number][] = [
      ['neither', {}, 403],
      ['Origin alone', { origin: PUBLIC_URL }, 403],
      ['token alone', { 'x-countersign-csrf': csrfToken(cookie) }, 403],
      ['foreign Origin', { ...own, origin: 'https://evil.example' }, 403],
      ['null Origin', { ...own, origin: 'null' }, 403],
      ['another port of this machine', { ...own, origin: 'http://localhost:9999' }, 403],
      ['our name as a prefix', { ...own, origin: 'http://localhost:7070.evil.example' }, 403],
      ['another session’s token', { ...own, 'x-countersign-csrf': csrfToken('cs_session_x') }, 403],
      ['both', own, 404],
    ];
    for (const [name, headers, status] of cases) {
      const response = await rig.ask('/api/requests/req_01JD0000000000000000000099/cancel', {
        method: 'POST',
        headers: { cookie: `countersign=${cookie}`, ...headers },
      });
      assert.equal(response.status, status, name);
      if (status === 403) assert.equal(await kindOf(response), 'cross_site', name);
    }
  });

  test('a signed-in GET of a review path approves nothing', async () => {
    const cookie = await rig.token('mara', 'browser');
    for (const path of [
      `/api/requests/${REQUEST_ID}/reviews`,
      `/api/requests/${REQUEST_ID}/reviews?decision=approved`,
    ]) {
      const response = await rig.ask(path, { headers: { cookie: `countersign=${cookie}` } });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'POST');
    }
    assert.equal(rig.requests.answers.length, 0);
  });
});

describe('bodies (A6, A21)', () => {
  const review = `/api/requests/${REQUEST_ID}/reviews`;
  const cases: readonly [name: string, body: string | Uint8Array, detail: RegExp, status?: number][] = [
    ['duplicate key', '{"decision":"denied","decision":"approved"}', /written twice/],
    ['escaped duplicate key', '{"decision":"denied","decisio\\u006e":"approved"}', /written twice/],
    [
      'unknown field',
      '{"decision":"denied","reviewer":"jon"}',
      /unknown field "reviewer"; known here: decision/,
    ],
    ['__proto__', '{"decision":"denied","__proto__":{"reason":"x"}}', /unknown field "__proto__"/],
    ['a wrong word', '{"decision":"yes"}', /body\.decision: .*"approved"/],
    ['true for a word', '{"decision":true}', /body\.decision/],
    ['empty reason', '{"decision":"denied","reason":" "}', /body\.reason/],
    ['approval without digests', '{"decision":"approved"}', /action_digest/],
    ['not a digest', '{"decision":"approved","action_digest":"x","rendered_digest":"y"}', /sha256:/],
    ['lone surrogate', '{"decision":"denied","reason":"\\ud800"}', /body/],
    ['trailing text', '{"decision":"denied"} {}', /body/],
    ['not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), /UTF-8/i],
    ['nothing', '', /body/],
    ['an array', '[]', /body/],
    ['too deep', `{"decision":${'['.repeat(100)}${']'.repeat(100)}}`, /deep/i],
    ['too large', JSON.stringify({ decision: 'denied', reason: 'x'.repeat(1_100_000) }), /at most/, 413],
  ];
  for (const [name, body, detail, status = 400] of cases) {
    test(`${name} is refused`, async () => {
      const authorization = `Bearer ${await rig.token('mara')}`;
      const response = await rig.ask(review, {
        method: 'POST',
        headers: { ...json, authorization },
        body: body as BodyInit,
      });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      const problem = (await response.json()) as { readonly detail: string };
      assert.match(problem.detail, detail);
      assert.equal(rig.requests.answers.length, 0);
    });
  }

  test('another content type is refused, so no plain form can review (A16)', async () => {
    const authorization = `Bearer ${await rig.token('mara')}`;
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'multipart/form-data',
    ]) {
      const response = await rig.ask(review, {
        method: 'POST',
        headers: { 'content-type': type, authorization },
        body: '{"decision":"denied"}',
      });
      assert.equal(response.status, 415, type);
    }
  });

  test('a body without a declared length is cut off at the bound', async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const authorization = `Bearer ${await rig.token('mara')}`;
    const init = { method: 'POST', headers: { ...json, authorization }, body: endless, duplex: 'half' };
    assert.equal((await rig.ask(review, init as RequestInit)).status, 413);
    assert.ok(pulled < 24, `read ${pulled} chunks`);
  });

  test('query parameters are closed too', async () => {
    const authorization = `Bearer ${await rig.token('mara')}`;
    const ask = async (query: string) =>
      (await rig.ask(`/api/requests?${query}`, { headers: { authorization } })).status;
    for (const bad of [
      'limit=0',
      'limit=201',
      'limit=1e2',
      'limit=',
      'state=pending',
      'status=pending&status=denied',
      'reviewable=yes',
      'cursor=',
    ]) {
      assert.equal(await ask(bad), 400, bad);
    }
    for (const good of ['', 'limit=200', 'status=pending&reviewable=true', 'risk=low'])
      assert.equal(await ask(good), 200, good);
  });
});

describe('every answer', () => {
  test('carries the security headers and is not stored', async () => {
    for (const path of [
      '/api/me',
      '/nowhere',
      '/sign-in',
      '/openapi.json',
      '/health/live',
      '/jwks.json',
      '/.well-known/authzen-configuration',
    ]) {
      const { headers } = await rig.ask(path);
      assert.match(
        headers.get('content-security-policy') ?? '',
        /default-src 'none'.*frame-ancestors 'none'/,
        path,
      );
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|\*/, path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
      assert.match(headers.get('cache-control') ?? '', /no-store|no-cache/, path);
      assert.equal(headers.get('access-control-allow-origin'), null, path);
    }
  });

  test('is refused for a Host that is not ours, but for health and metrics', async () => {
    const foreign = { headers: { host: 'rebound.example' } };
    for (const path of ['/api/me', '/sign-in', '/jwks.json', '/access/v1/evaluation'])
      assert.equal((await rig.ask(path, foreign)).status, 421, path);
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      assert.equal((await rig.ask(path, foreign)).status, 200, path);
    for (const host of ['localhost:7070', '127.0.0.1:7070', '[::1]:7070', 'localhost']) {
      assert.equal((await rig.ask('/sign-in', { headers: { host } })).status, 200, host);
    }
  });

  test('of a failure says nothing of its cause (I7) and is a refusal (A20)', async () => {
    const client = await rig.client('mara');
    const { list } = rig.requests;
    rig.requests.list = () => Promise.reject(new Error('secret token=abc in /var/lib'));
    await assert.rejects(client.requests.list(), {
      kind: 'internal',
      status: 500,
      detail: 'something broke in the gateway; its log says what',
    });
    rig.requests.list = () => Promise.reject(new StoreUnavailable('disk /dev/sda1 is full', 'no'));
    await assert.rejects(client.requests.list(), { kind: 'unavailable', status: 503, retry_after_s: 5 });
    rig.requests.list = list;
    assert.equal(rig.errors.length, 2);
  });

  test('to HEAD is that it is not offered, but for health', async () => {
    assert.equal((await rig.ask('/api/events', { method: 'HEAD' })).status, 405);
    assert.equal((await rig.ask('/health/live', { method: 'HEAD' })).status, 200);
  });
});

test('metrics count answers by operation, never by person', async () => {
  const text = await (await rig.ask('/metrics')).text();
  assert.match(text, /countersign_api_answers_total\{operation="me",status="401"\} \d+/);
  assert.doesNotMatch(text, /mara|jon/);
});
