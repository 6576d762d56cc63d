/** A21 on one connection: questions sent before the one before is answered, and answers nobody reads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createFront, type FrontLimits, type Handler, listen, stop } from '../../gateway/src/front.ts';
import { META, MODERN } from '../../gateway/src/protocols/mcp/wire/headers.ts';
import { Reply } from '../../gateway/src/protocols/mcp/wire/reply.ts';
import { until } from '../../gateway/testing/until.ts';
import { HELD, openYard, ranOf, type Yard } from '../gateway/yard.ts';

type Question = { readonly method: string; readonly name?: string; readonly params: object };

const LISTEN: Question = {
  method: 'subscriptions/listen',
  params: { notifications: { toolsListChanged: true } },
};
const CALL: Question = { method: 'tools/call', name: HELD, params: { name: HELD, arguments: {} } };

function written({ house, key }: Yard, id: number, { method, name, params }: Question): string {
  const _meta = { [`${META}protocolVersion`]: MODERN, [`${META}clientCapabilities`]: {} };
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } });
  return [
    'POST /mcp/tools HTTP/1.1',
    `Host: ${new URL(house.gateway.url).host}`,
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `MCP-Protocol-Version: ${MODERN}`,
    `Mcp-Method: ${method}`,
    ...(name === undefined ? [] : [`Mcp-Name: ${name}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // hung up on
  return socket;
}

describe('A21: what is asked on one connection before the last answer is out goes when the connection does', () => {
  let yard: Yard;
  let port: number;
  before(async () => {
    yard = await openYard();
    await yard.restart(() => yard.editConfig((text) => text.replace('hold_wait: 300ms', 'hold_wait: 30s')));
    port = Number(new URL(yard.house.gateway.url).port);
  });
  after(() => yard.close());

  const open = (): number => yard.fixture.journal.count({ method: LISTEN.method, state: 'running' });

  it('streams behind a stream', async () => {
    const socket = dial(port).resume();
    const behind = Array.from({ length: 5 }, (_, id) => written(yard, id, LISTEN));
    socket.write(behind.join(''));
    await until('all are open', () => open() === behind.length);
    socket.destroy();
    await until('none is open', () => open() === 0);
  });

  it('a call that waits for people, behind a stream: approved once its caller is gone, it does not run', async () => {
    const socket = dial(port).resume();
    socket.write(written(yard, 1, LISTEN));
    await until('the stream is open', () => open() === 1);
    socket.write(written(yard, 2, CALL));
    const bob = await yard.house.signIn('bob');
    const pending = async () => (await bob.requests.list({ status: 'pending' })).items;
    await until('it is held', async () => (await pending()).length === 1);
    socket.destroy();
    await until('the stream is closed', () => open() === 0);
    for (const { id } of await pending()) {
      const { action_digest, rendered_digest } = await bob.requests.show(id);
      await bob.requests.review(id, { decision: 'approved', action_digest, rendered_digest });
    }
    // Whoever asks again gets it, and it has run this once.
    const agent = await yard.connect();
    await agent.callTool({ name: HELD, arguments: {} });
    await agent.close();
    assert.equal(ranOf(yard), 1);
  });
});

it('A21: an answer nobody reads is not kept for ever', async () => {
  const large = Buffer.alloc(64 * 1024 * 1024);
  const server = createFront([], (_, response) => response.end(large), { unread_ms: 300 });
  const { port } = await listen(server, '127.0.0.1:0');
  const socket = dial(port).pause();
  const [held] = (await Promise.all([
    once(server, 'connection'),
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  ])) as [[Socket], boolean];
  await until('hung up on', () => held[0].destroyed);
  await stop(server);
});

it('A21: one that is read slowly, and a connection kept for the next question, are not hung up on', async () => {
  const large = Buffer.alloc(8 * 1024 * 1024);
  const server = createFront([], (_, response) => response.end(large), { unread_ms: 300 });
  const { port } = await listen(server, '127.0.0.1:0');
  const socket = dial(port);
  let heard = 0;
  for (const _ of ['one', 'and the next']) {
    const wanted = heard + large.length;
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    for await (const part of socket.iterator({ destroyOnReturn: false })) {
      heard += (part as Buffer).length;
      if (heard > wanted) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  assert.ok(!socket.destroyed && heard > 2 * large.length);
  socket.destroy();
  await stop(server);
});

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const MB = 1024 * 1024;

/** A front of one handler, and its sides of the connections. */
async function fronting(handler: Handler, limits: FrontLimits = {}) {
  const server = createFront([], handler, limits);
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const { port } = (await listen(server, '127.0.0.1:0')) as AddressInfo;
  const alive = (): readonly Socket[] => sockets.filter(({ destroyed }) => !destroyed);
  return { port, sockets, alive, close: () => stop(server) };
}

describe('A21: what one connection has under way', () => {
  it('is bounded: one question too many is refused in its turn, runs nothing, and the connection ends', async (t) => {
    const started: ServerResponse[] = [];
    const front = await fronting((_, response) => void started.push(response));
    t.after(() => front.close());
    const socket = dial(front.port);
    let heard = '';
    socket.setEncoding('latin1').on('data', (text) => (heard += String(text)));
    socket.write(GET.repeat(40));
    await until('some are under way', () => started.length >= 16);
    const other = dial(front.port).resume();
    other.write(GET);
    await until('another connection has its own', () => started.length === 17);
    other.destroy();
    for (const response of started) response.end('done');
    await once(socket, 'close');
    assert.equal(started.length, 17);
    assert.deepEqual(heard.match(/HTTP\/1\.1 \d+/g), [
      ...Array.from({ length: 16 }, () => 'HTTP/1.1 200'),
      'HTTP/1.1 503',
    ]);
    assert.match(heard, /Nothing was run/);
  });

  it('is what was not answered yet: one question after the other may be as many as it likes', async (t) => {
    const front = await fronting((_, response) => response.end('done'));
    t.after(() => front.close());
    const socket = dial(front.port);
    let heard = '';
    socket.setEncoding('latin1').on('data', (text) => (heard += String(text)));
    for (let n = 1; n <= 50; n += 1) {
      socket.write(GET);
      await until(`answer ${n}`, () => heard.split('done').length > n);
    }
    assert.doesNotMatch(heard, /503/);
    socket.destroy();
  });
});

describe('A21: what nobody reads, of all connections together, is bounded', () => {
  const BOUND = 80 * MB;
  const large = Buffer.alloc(32 * MB);
  const unreadOf = (sockets: readonly Socket[]): number =>
    sockets.reduce((sum, { writableLength }) => sum + writableLength, 0);

  it('of answers: those with most to read are hung up on, and no more of them than it takes', async (t) => {
    const front = await fronting((_, response) => response.end(large), { unread_bytes_max: BOUND });
    t.after(() => front.close());
    for (let n = 0; n < 6; n += 1) dial(front.port).pause().write(GET);
    await until('all are answered or cut', () => front.sockets.length === 6 && front.alive().length < 6);
    await until('it holds', () => unreadOf(front.alive()) <= BOUND);
    assert.ok(front.alive().length >= 2, `${front.alive().length} left`);
    const reader = dial(front.port);
    reader.write(GET);
    let heard = 0;
    for await (const part of reader) {
      heard += (part as Buffer).length;
      if (heard > large.length) break;
    }
    assert.ok(heard > large.length, 'who reads gets it all');
  });

  it('of answers that stand behind one that does not come', async (t) => {
    let asked = 0;
    const front = await fronting(
      (_, response) => {
        asked += 1;
        if (asked > 1) response.end(large);
      },
      { unread_bytes_max: BOUND },
    );
    t.after(() => front.close());
    const others = dial(front.port).pause();
    others.write(GET.repeat(6));
    await until('hung up on', () => front.sockets.length === 1 && front.alive().length === 0);
  });

  it('of streams, each of which has less than it may', async (t) => {
    const event = 'x'.repeat(MB);
    const front = await fronting(
      (_, response) => {
        const reply = new Reply(response);
        for (let told = 0; told < 30; told += 1) reply.event({ data: event });
      },
      { unread_bytes_max: BOUND },
    );
    t.after(() => front.close());
    for (let n = 0; n < 6; n += 1) dial(front.port).pause().write(GET);
    await until('some are cut', () => front.sockets.length === 6 && front.alive().length < 6);
    await until('it holds', () => unreadOf(front.alive()) <= BOUND);
  });

  it('of one alone it is not: an answer has a bound of its own', async (t) => {
    const front = await fronting((_, response) => response.end(large), { unread_bytes_max: MB });
    t.after(() => front.close());
    const socket = dial(front.port).pause();
    socket.write(GET);
    await until('it waits', () => unreadOf(front.alive()) > MB);
    let heard = 0;
    for await (const part of socket) {
      heard += (part as Buffer).length;
      if (heard > large.length) break;
    }
    assert.ok(heard > large.length);
  });
});
