/** An upstream that is wrong about HTTP itself, byte by byte, where the fixture's server would not let it be. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Json } from '@countersign/core';
import { legacy, modern } from '../../../../../conformance/mcp/client.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';
import type { Masked } from '../../protocol.ts';

type Said = string | Buffer;
const whole = (body: Said, { status = '200 OK', type = 'application/json', more = '' } = {}): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${more}`),
    Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ]);
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const END = '0\r\n\r\n';
const saying = (id: unknown, text: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { resultType: 'complete', content: [{ type: 'text', text }] },
  });

/** Says `first`, and another answer to the question after it. */
function twice(socket: Socket, id: unknown): void {
  socket.write(whole(saying(id, 'first')));
  socket.prependOnceListener('data', () =>
    socket.write(whole(saying(Number(id) + 1, 'said once too often'))),
  );
}

/** The answer, and then words of no meaning for as long as somebody listens. */
function onAndOn(socket: Socket, said: string): void {
  socket.write(STREAM + (said === '' ? '' : chunk(`data: ${said}\n\n`)));
  const timer = setInterval(() => socket.write(chunk(': on\n\n')), 20);
  socket.once('close', () => clearInterval(timer));
}

const sockets = new Set<Socket>();
/** Questions of its own that it was told no to, and said nothing of. */
let declined = 0;
/** How the next call is answered; undefined: rightly. */
let lie: ((socket: Socket, id: unknown) => void) | undefined;
let notified: (socket: Socket) => void = (socket) => socket.write(whole('', { status: '202 Accepted' }));
let revision: unknown = '2025-11-25';
const LISTED = { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
const HANDSHAKE = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  ...LISTED,
};

function answer(socket: Socket, text: string): void {
  const { id, method } = JSON.parse(text) as { readonly id?: unknown; readonly method?: string };
  if (id === undefined) {
    notified(socket);
    return;
  }
  if (method === undefined) {
    declined += 1;
    return;
  }
  if (method !== 'tools/call')
    return void socket.write(
      whole(JSON.stringify({ jsonrpc: '2.0', id, result: { ...HANDSHAKE, protocolVersion: revision } })),
    );
  const how = lie;
  lie = undefined;
  if (how === undefined) socket.write(whole(saying(id, `the truth of ${id}`)));
  else how(socket, id);
}

const upstream = createServer((socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  socket.on('error', () => undefined); // hung up on
  let heard = '';
  socket.on('data', (part) => {
    heard += String(part);
    const [head = '', body] = heard.split('\r\n\r\n', 2);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (body === undefined || Buffer.byteLength(body) < length) return;
    heard = '';
    if (/^POST/.test(head)) answer(socket, body);
    else socket.write(whole('', { status: '405 Method Not Allowed' }));
  });
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
const SECRET = ['sk', 'upstream', 'credential'].join('-');
const mask = (value: Json): Masked => {
  const text = JSON.stringify(value);
  if (!text.includes(SECRET)) return { value, changed: false };
  return { value: JSON.parse(text.replaceAll(SECRET, '[masked]')) as Json, changed: true };
};
const ANSWER_BYTES_MAX = 65_536;
const gateway = await startTestGateway({
  upstreams: {
    lies: { url, call_timeout_ms: 2_000, connect_timeout_ms: 1_000, answer_bytes_max: ANSWER_BYTES_MAX },
  },
  door: { agents: { a: 'anna', b: 'bert' }, mask },
});
const { door } = gateway;
after(async () => {
  await gateway.close();
  for (const socket of sockets) socket.destroy();
  upstream.close();
});
beforeEach(() => {
  lie = undefined;
});

const to = (token: string) => ({ url: gateway.url('lies'), token });
const ask = async (token: string): Promise<string> => {
  const { messages } = await modern(to(token), 'tools/call', { name: 'echo', arguments: {} }).done;
  return JSON.stringify(messages);
};

/** All that a caller of the older revision hears, to the byte. */
async function heardRaw(said: (id: unknown) => string): Promise<string> {
  const session = await legacy(to('a'));
  lie = (socket, id) => {
    socket.write(STREAM + chunk(said(id)) + chunk(`data: ${saying(id, 'done')}\n\n`) + END);
  };
  const response = await fetch(to('a').url, {
    method: 'POST',
    headers: {
      authorization: 'Bearer a',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': session.version,
      'mcp-session-id': session.id,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 'raw',
      method: 'tools/call',
      params: { name: 'echo', arguments: {} },
    }),
  });
  const text = await response.text();
  await session.end();
  return text;
}

describe('an answer that is none: the call may have run, and is recorded so (I9)', () => {
  const cases: readonly [string, (id: unknown) => Said, RegExp][] = [
    [
      'compressed',
      (id) => whole(gzipSync(saying(id, 'x')), { more: 'Content-Encoding: gzip\r\n' }),
      /not JSON/,
    ],
    ['with more behind it', (id) => whole(`${saying(id, 'x')}{}`), /not JSON/],
    ['with a byte order mark', (id) => whole(`\uFEFF${saying(id, 'x')}`), /not JSON/],
    ['in UTF-16', (id) => whole(Buffer.from(saying(id, 'x'), 'utf16le')), /not JSON/],
    [
      'in two types',
      (id) => whole(saying(id, 'x'), { more: 'Content-Type: text/event-stream\r\n' }),
      /not MCP/,
    ],
    ['to the same id as a text', (id) => whole(saying(String(id), 'x')), /not asked/],
    ['with no content', (id) => whole(saying(id, 'x'), { status: '204 No Content' }), /not JSON/],
    [
      'with another protocol',
      () => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      /broke/,
    ],
    [
      'longer than it says',
      (id) =>
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n${saying(id, 'x')}`,
      /not JSON/,
    ],
    ['with two lengths', (id) => whole(saying(id, 'x'), { more: 'Content-Length: 1\r\n' }), /broke/],
    ['larger than it may be', (id) => whole(saying(id, 'x'.repeat(ANSWER_BYTES_MAX))), /larger than/],
    ['by a proxy that gave up waiting', () => whole('', { status: '504 Gateway Timeout' }), /HTTP error/],
    ['of a server that failed over it', (id) => whole(saying(id, 'x'), { status: '500 Oops' }), /HTTP error/],
  ];
  for (const [what, said, why] of cases) {
    it(what, async () => {
      lie = (socket, id) => void socket.write(said(id));
      const told = await ask('a');
      assert.match(told, why);
      assert.match(told, /may have run/);
      assert.equal(door.actions.at(-1)?.outcome?.status, 'unknown');
      assert.match(await ask('b'), /the truth of/);
    });
  }
});

it('a result with a status that says there is none is none', async () => {
  lie = (socket, id) => void socket.write(whole(saying(id, 'surprise'), { status: '404 Not Found' }));
  const told = await ask('a');
  assert.match(told, /HTTP error/);
  assert.doesNotMatch(told, /surprise/);
});

it('a session opened in a revision that nobody here speaks is not opened', async () => {
  for (const version of ['2026-07-28', '1999-01-01', 7]) {
    revision = version;
    await assert.rejects(legacy(to('b')), /did not open a session in a revision the gateway speaks/);
    assert.equal(door.runs.at(-1)?.outcome?.status, 'failed');
  }
  revision = '2025-11-25';
});

describe('one answer too many', () => {
  it('in one stream: the first is the answer', async () => {
    lie = (socket, id) =>
      void socket.write(STREAM + chunk(`data: ${saying(id, 'one')}\n\ndata: ${saying(id, 'two')}\n\n`) + END);
    const told = await ask('a');
    assert.match(told, /"one"/);
    assert.doesNotMatch(told, /"two"/);
  });

  it('right behind it: the connection is not used again', async () => {
    lie = (socket, id) =>
      void socket.write(Buffer.concat([whole(saying(id, 'one')), whole(saying(Number(id) + 1, 'two'))]));
    assert.match(await ask('a'), /"one"/);
    assert.match(await ask('a'), /the truth of/);
  });

  it('when the next question comes: it is never another agent’s, and the answers after it are not one question late', async () => {
    // Both know the tools already: there is nothing but these questions.
    for (const token of ['a', 'b', 'a', 'b']) await ask(token);
    lie = twice;
    assert.match(await ask('a'), /"first"/);
    assert.match(await ask('b'), /the truth of/);
    // Found where only its own questions go, and there it is not the answer to the one asked.
    assert.match(await ask('a'), /a question that was not asked/);
    assert.match(await ask('a'), /the truth of/);
  });
});

it('A21: questions without an end, whose answers it does not take, are not all told no', async () => {
  const asking = (id: number): string =>
    `data: ${JSON.stringify({ jsonrpc: '2.0', id, method: 'roots/list' })}\n\n`;
  lie = (socket, id) => {
    const questions = Array.from({ length: 500 }, (_, at) => asking(at)).join('');
    socket.write(STREAM + chunk(questions) + chunk(`data: ${saying(id, 'done')}\n\n`) + END);
  };
  assert.match(await ask('a'), /"done"/);
  await door.until(() => declined >= 64, 'told no');
  assert.match(await ask('a'), /the truth of/);
  assert.equal(declined, 64);
});

describe('A21: a stream that goes on when all is said is hung up on', () => {
  it('after the answer', async () => {
    await ask('a');
    const before = sockets.size;
    for (let count = 0; count < 3; count += 1) {
      lie = (socket, id) => onAndOn(socket, saying(id, 'done'));
      assert.match(await ask('a'), /"done"/);
    }
    await door.until(() => sockets.size <= before, 'hung up on');
  });

  it('in place of a word that a notification was taken', async () => {
    const session = await legacy(to('a'));
    const before = sockets.size;
    const before_that = notified;
    notified = (socket) => onAndOn(socket, '');
    const { status } = await session.notify('notifications/roots/list_changed');
    notified = before_that;
    assert.equal(status, 202);
    await door.until(() => sockets.size <= before, 'hung up on');
  });
});

describe('A23, A27: a secret is nowhere in what an upstream streams, whatever it names by it', () => {
  const event = (message: object, id = ''): string =>
    `${id === '' ? '' : `id: ${id}\n`}data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
  const cases: readonly [string, (id: unknown) => string][] = [
    ['a notification', () => event({ method: `notifications/${SECRET}` })],
    ['a key of a notification', () => event({ method: 'notifications/message', params: { [SECRET]: 1 } })],
    ['a question', () => event({ id: SECRET, method: 'roots/list' })],
    ['a place in the stream', () => `id: ${SECRET}\ndata:\n\n`],
    ['the place of a word', () => event({ method: 'notifications/message', params: {} }, SECRET)],
    ['the place of the answer', (id) => event({ id, result: { content: [] } }, SECRET)],
  ];
  for (const [what, said] of cases) {
    it(what, async () => {
      const text = await heardRaw(said);
      assert.doesNotMatch(text, new RegExp(SECRET));
      assert.match(text, /"result"/);
    });
  }
});

it('every permit of these tests ended once', () =>
  door.until(() => door.unfinished().length === 0, 'recorded'));
