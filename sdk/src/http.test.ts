import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { createHttp } from './http.ts';
import { ProblemError, ProtocolError, UnreachableError } from './problem.ts';

async function serving<T>(listener: RequestListener, run: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const answer =
  (status: number, headers: Record<string, string>, body = ''): RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };
const typed = (type: string, body: string, status: number): RequestListener =>
  answer(status, { 'content-type': type }, body);

describe('answers', () => {
  const problem = JSON.stringify({
    type: 'urn:countersign:problem:shown_changed',
    title: 'T',
    status: 409,
    detail: 'D',
    field: 'body.x',
  });
  const cases: readonly [name: string, listener: RequestListener, want: new (...given: never[]) => Error][] =
    [
      ['a problem', typed('application/problem+json', problem, 409), ProblemError],
      [
        'an HTML error page of something in between',
        typed('text/html', '<h1>Bad gateway</h1>', 502),
        ProtocolError,
      ],
      ['a problem that is not JSON', typed('application/problem+json', '{', 400), ProtocolError],
      ['an answer that is not JSON', typed('application/json', '{"a":', 200), UnreachableError],
      ['a broken connection', (request) => request.socket.destroy(), UnreachableError],
    ];
  for (const [name, listener, want] of cases) {
    test(name, () => serving(listener, (url) => assert.rejects(createHttp({ url }).json('/api/me'), want)));
  }

  test('a problem keeps its kind, field and when to retry', () =>
    serving(
      answer(409, { 'content-type': 'application/problem+json', 'retry-after': '3' }, problem),
      async (url) => {
        await assert.rejects(createHttp({ url }).json('/'), {
          kind: 'shown_changed',
          status: 409,
          field: 'body.x',
          retry_after_s: 3,
          message: 'D',
        });
      },
    ));

  test('nothing listening is unreachable, and says where', async () => {
    const gone = await serving(answer(204, {}), async (url) => url);
    await assert.rejects(createHttp({ url: gone }).json('/'), {
      name: 'UnreachableError',
      message: `${gone} cannot be reached`,
    });
  });

  test('an answer that does not come is given up', () =>
    serving(
      () => undefined,
      (url) =>
        assert.rejects(createHttp({ url, timeout_ms: 50 }).json('/'), {
          name: 'UnreachableError',
          message: /did not answer in time/,
        }),
    ));
});

describe('the credential', () => {
  test('never follows a redirect', async () => {
    let reached = false;
    const thief: RequestListener = (_, response) => {
      reached = true;
      response.end('{}');
    };
    await serving(thief, (elsewhere) =>
      serving(answer(307, { location: elsewhere }), async (url) => {
        await assert.rejects(createHttp({ url, token: 'cs_person_x' }).json('/api/me'), UnreachableError);
      }),
    );
    assert.equal(reached, false);
  });

  test('stays with the gateway whatever a path says', async () => {
    const seen: string[] = [];
    const http = createHttp({
      url: 'https://gate.example.com/under',
      token: 't',
      fetch: async (input) => {
        seen.push(String(input));
        return new Response(null, { status: 204 });
      },
    });
    await http.json('/api/requests/..%2F..%2Fme', { query: { a: 'b c', none: undefined } });
    assert.deepEqual(seen, ['https://gate.example.com/api/requests/..%2F..%2Fme?a=b+c']);
  });

  test('the CSRF token goes with changes only', async () => {
    const seen: (string | null)[] = [];
    const http = createHttp({
      url: 'https://gate.example.com',
      fetch: async (_, init) => {
        seen.push(new Headers(init?.headers).get('x-countersign-csrf'));
        return new Response(null, { status: 204 });
      },
    });
    http.setCsrf('c');
    await http.json('/a');
    await http.json('/a', { method: 'POST' });
    assert.deepEqual(seen, [null, 'c']);
  });
});
