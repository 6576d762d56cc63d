/** The guard over real sockets: what it connects to is what it judged (A26). */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Lookup } from './names.ts';
import { createOutgoing, type OutgoingOptions } from './outgoing.ts';

type Heard = { readonly method: string; readonly url: string; readonly host: string; readonly body: string };
type Place = { readonly port: number; readonly heard: Heard[]; connections: number };

async function place(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    void response.end('ok'),
): Promise<Place> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      heard.push({ method, url, host: headers.host ?? '', body: Buffer.concat(parts).toString() });
      answer(request, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const made: Place = { port: (server.address() as AddressInfo).port, heard, connections: 0 };
  server.on('connection', () => {
    made.connections += 1;
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return made;
}

/** A resolver whose answers are listed; the last one stays. Says what it was asked. */
function resolver(...answers: readonly (readonly string[])[]): {
  readonly lookup: Lookup;
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    lookup: (name, done) => {
      const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
      asked.push(name);
      queueMicrotask(() =>
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
      );
    },
  };
}

function outgoing(t: TestContext, options: Partial<OutgoingOptions>) {
  const made = createOutgoing({ allow_networks: [], ...options });
  t.after(() => made.close());
  return made;
}

const LOOPBACK = ['127.0.0.1'];
const message = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' });

test('a message arrives, whole, where the name leads', async (t) => {
  const there = await place(t);
  const { lookup, asked } = resolver(['127.0.0.1']);
  const out = outgoing(t, { allow_networks: LOOPBACK, lookup });
  const answered = await out.post(message(`http://hooks.test:${there.port}/in?x=1`));
  assert.deepEqual(answered, { kind: 'answered', status: 200 });
  const host = `hooks.test:${there.port}`;
  assert.deepEqual(there.heard, [{ method: 'POST', url: '/in?x=1', host, body: '{"a":1}' }]);
  assert.deepEqual(asked, ['hooks.test']);
});

test('every spelling of an address inside is refused before a byte leaves', async (t) => {
  const there = await place(t);
  const out = outgoing(t, {});
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '2130706433',
    '0x7f000001',
    '0',
    '[::1]',
    '[::]',
  ];
  const more = [
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '169.254.169.254',
    '①②⑦.0.0.1',
    '127。0。0。1',
  ];
  for (const scheme of ['http', 'https'])
    for (const host of [...hosts, ...more]) {
      const answered = await out.post(message(`${scheme}://${host}:${there.port}/`));
      assert.equal(answered.kind, 'forbidden', host);
    }
  assert.equal(there.connections, 0);
});

test('what is no web address, or carries a password, is refused', async (t) => {
  const out = outgoing(t, { allow_networks: LOOPBACK });
  for (const url of [
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'http://user:pass@127.0.0.1/',
    'no',
    '',
  ])
    assert.equal((await out.post(message(url))).kind, 'forbidden', url);
});

test('a name that leads inside is refused, also when only one of its addresses does', async (t) => {
  const there = await place(t);
  for (const addresses of [
    ['127.0.0.1'],
    ['8.8.8.8', '127.0.0.1'],
    ['::1'],
    ['8.8.8.8', '::ffff:10.0.0.1'],
    [],
  ]) {
    const out = outgoing(t, { lookup: resolver(addresses).lookup });
    const answered = await out.post(message(`https://hooks.test:${there.port}/`));
    assert.equal(answered.kind, 'forbidden', String(addresses));
  }
  assert.equal(there.connections, 0);
});

test('a name that moves inside after it was judged leads nowhere: it is looked up once a connection, and judged then', async (t) => {
  const inside = await place(t);
  const outside = await place(t);
  // The first answer is allowed, every later one is not: rebinding.
  const { lookup, asked } = resolver(['127.0.0.1'], ['127.0.0.2']);
  const out = outgoing(t, { allow_networks: LOOPBACK, lookup });
  assert.equal((await out.post(message(`http://rebind.test:${outside.port}/`))).kind, 'answered');
  assert.equal(asked.length, 1, 'one look-up served judging and connecting');
  // Another port, so another connection: looked up again, and the new answer is judged.
  const answered = await out.post(message(`http://rebind.test:${inside.port}/`));
  assert.deepEqual(answered, { kind: 'forbidden', why: 'rebind.test is at 127.0.0.2, a loopback address' });
  assert.equal(inside.connections, 0);
});

test('plain http goes only where it is allowed by name', async (t) => {
  const out = outgoing(t, { lookup: resolver(['8.8.8.8']).lookup });
  const answered = await out.post(message('http://hooks.test/'));
  assert.deepEqual(answered, {
    kind: 'forbidden',
    why: 'hooks.test is at 8.8.8.8, a public address, which takes https',
  });
});

test('a redirect is an answer and is not followed', async (t) => {
  const inside = await place(t);
  const there = await place(t, (_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/latest/meta-data` }).end();
  });
  const out = outgoing(t, { allow_networks: LOOPBACK });
  assert.deepEqual(await out.post(message(`http://127.0.0.1:${there.port}/`)), {
    kind: 'answered',
    status: 307,
  });
  assert.equal(inside.connections, 0);
});

test('an endless answer is cut, a silent one is given up, a dead one is said to be', async (t) => {
  const endless = await place(t, (_, response) => {
    response.writeHead(200);
    const more = (): void =>
      void (!response.destroyed && response.write(Buffer.alloc(65_536), () => setImmediate(more)));
    more();
  });
  const silent = await place(t, () => undefined);
  const out = outgoing(t, { allow_networks: LOOPBACK });
  assert.deepEqual(await out.post(message(`http://127.0.0.1:${endless.port}/`)), {
    kind: 'answered',
    status: 200,
  });
  const given_up = await out.post({ ...message(`http://127.0.0.1:${silent.port}/`), timeout_ms: 200 });
  assert.deepEqual(given_up, { kind: 'failed', why: 'no answer in time' });
  const gone = createTcpServer();
  await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
  const { port } = gone.address() as AddressInfo;
  await new Promise((done) => gone.close(done));
  assert.deepEqual(await out.post(message(`http://127.0.0.1:${port}/`)), {
    kind: 'failed',
    why: 'ECONNREFUSED',
  });
});

test('Retry-After is heard, as seconds and as a date, within a day', async (t) => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const says = async (header: string) => {
    const there = await place(
      t,
      (_, response) => void response.writeHead(429, { 'retry-after': header }).end(),
    );
    const out = outgoing(t, { allow_networks: LOOPBACK, now: () => now });
    return out.post(message(`http://127.0.0.1:${there.port}/`));
  };
  const answered = { kind: 'answered', status: 429 } as const;
  assert.deepEqual(await says('7'), { ...answered, retry_after_ms: 7_000 });
  assert.deepEqual(await says('Sat, 21 Nov 2026 12:01:00 GMT'), { ...answered, retry_after_ms: 60_000 });
  assert.deepEqual(await says('999999999'), { ...answered, retry_after_ms: 86_400_000 });
  assert.deepEqual(await says('soon'), answered);
});
