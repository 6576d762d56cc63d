/** A21 on one connection: questions sent before the one before is answered, and answers nobody reads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createFront, listen, stop } from '../../gateway/src/front.ts';
import { META, MODERN } from '../../gateway/src/protocols/mcp/wire/headers.ts';
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
