import assert from 'node:assert/strict';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { WireError } from './message.ts';
import { Reply } from './reply.ts';

/** What a client of one reply reads, until it ends or is cut. */
async function reading(
  use: (reply: Reply, http: IncomingMessage) => void,
): Promise<{ status: number; text: string; cut: boolean }> {
  const server = createServer((http, response) => use(new Reply(response, { 'x-own': '1' }), http));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await new Promise<{ status: number; text: string; cut: boolean }>((resolve) => {
    get({ port: (server.address() as AddressInfo).port, agent: false }, (response) => {
      let text = '';
      const done = (cut: boolean): void => resolve({ status: response.statusCode ?? 0, text, cut });
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => done(false)).once('error', () => done(true));
    }).once('error', () => resolve({ status: 0, text: '', cut: true }));
  });
  server.close();
  return answer;
}

it('an answer is JSON, unless a stream began: then its last event', async () => {
  assert.deepEqual(await reading((reply) => reply.answer('{"a":1}', { status: 404 })), {
    status: 404,
    text: '{"a":1}',
    cut: false,
  });
  const streamed = await reading((reply) => {
    reply.event({ data: '1', id: '7' });
    reply.answer('{"a":1}', { status: 404 });
    reply.answer('twice');
    reply.event({ data: 'late' });
  });
  assert.deepEqual(streamed, { status: 200, text: 'id: 7\ndata: 1\n\ndata: {"a":1}\n\n', cut: false });
});

it('A21: a caller that lets too much pile up is cut off, and counts as having left', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const asking = get({ port, agent: false }, (response) => response.pause()).on('error', () => undefined);
  const left = await new Promise<number>((resolve) => {
    server.once('request', (_, response) => {
      const reply = new Reply(response);
      const data = 'x'.repeat(1024 * 1024);
      let told = 0;
      reply.onLeave(() => resolve(told));
      const tell = (): void => {
        reply.event({ data });
        told += 1;
        if (told === 256) resolve(told);
        else if (!reply.left) setImmediate(tell);
      };
      tell();
    });
  });
  assert.ok(left > 32 && left < 100, `${left} MB`);
  asking.destroy();
  server.close();
});

it('a refusal after the stream began is an event with the id of the request', async () => {
  const { text } = await reading((reply) => {
    reply.id = 5;
    reply.stream();
    reply.refuse(new WireError('no', { status: 403, code: -32600 }));
  });
  assert.equal(text, 'data: {"jsonrpc":"2.0","id":5,"error":{"code":-32600,"message":"no"}}\n\n');
});

it('a long wait keeps nothing that the request brought, and goes on to an answer', async () => {
  let kept: unknown;
  const { text } = await reading((reply, http) => {
    assert.ok(http.headersDistinct['host']);
    reply.wait('held');
    kept = [http.headers, http.headersDistinct, http.rawHeaders];
    reply.answer('{"a":1}');
  });
  assert.deepEqual(kept, [{}, {}, []]);
  assert.equal(text, ': held\n\ndata: {"a":1}\n\n');
});

it('its signal aborts when the caller leaves, asked for before or after', async () => {
  const left: boolean[] = [];
  await reading((reply) => {
    const { signal } = reply;
    reply.onLeave(() => left.push(signal.aborted, reply.signal === signal, reply.left));
    reply.stream();
    reply.cut();
  });
  assert.deepEqual(left, [true, true, true]);
  const late = await new Promise<boolean>((resolve) => {
    void reading((reply) => {
      reply.onLeave(() => resolve(reply.signal.aborted));
      reply.stream();
      reply.cut();
    });
  });
  assert.equal(late, true);
});

it('a caller no longer welcome is cut off, and counts as having left', async () => {
  let left = false;
  const { text, cut } = await reading((reply) => {
    reply.onLeave(() => (left = true));
    reply.stream();
    reply.beat();
    reply.welcome = () => false;
    setImmediate(() => reply.beat());
  });
  assert.deepEqual([text, cut, left], [': waiting\n\n', true, true]);
});

it('what is told is told in order, however long each takes; the answer after all of it', async () => {
  const late = Promise.withResolvers<{ data: string }>();
  const { text } = await reading((reply) => {
    reply.tell({ data: '1' });
    assert.equal(reply.told(), undefined);
    reply.tell(late.promise);
    reply.tell({ data: '3' });
    reply.tell(Promise.resolve(undefined));
    reply.tell(Promise.resolve({ data: '4' }));
    void reply.told()?.then(() => reply.answer('5'));
    setImmediate(() => late.resolve({ data: '2' }));
  });
  assert.equal(text, ['1', '2', '3', '4', '5'].map((data) => `data: ${data}\n\n`).join(''));
});

it('an event that never gets ready cuts the caller off: what comes after it must not stand in its place', async () => {
  const { text, cut } = await reading((reply) => {
    reply.tell({ data: '1' });
    reply.tell(Promise.reject(new Error('lost')));
    void reply.told()?.then(() => reply.event({ data: '2' }));
  });
  assert.equal(cut, true);
  assert.doesNotMatch(text, /data: 2/);
});
