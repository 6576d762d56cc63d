import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { legacy, modern, send } from '../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../conformance/mcp/fixture/fixture.ts';
import { FakeDoor } from '../../../testing/fake-door.ts';
import { startTestGateway } from '../../../testing/mcp.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({
  upstreams: { fixture: { url: fixture.url }, other: { url: fixture.url } },
  door: {
    agents: { 'key-a': 'a', 'key-b': 'b' },
    credentials: { headers: { authorization: 'Bearer upstream-secret' } },
  },
  limits: { body_bytes_max: 20_000 },
});
const to = { url: gateway.url('fixture'), token: 'key-a' };
after(async () => {
  await gateway.close();
  await fixture.close();
});
beforeEach(() => {
  fixture.journal.reset();
  gateway.door.decide = () => 'allow';
});

const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

it('A21: one call too many is refused before it is read, with how long to wait', async () => {
  const { door } = gateway;
  door.over_rate_s = 7;
  try {
    const asked = door.asked.length;
    const { status, headers, messages } = await send(to, { body: '{ this is not read' }).done;
    assert.equal(status, 429);
    assert.equal(headers['retry-after'], '7');
    assert.deepEqual(messages[0]?.error, {
      code: -32000,
      message:
        'Too many calls: this agent made more than its calls_per_minute. Nothing was run. Try again in 7 s.',
      data: { reason: 'too_many_calls', retry_after_s: 7 },
    });
    assert.equal(door.asked.length, asked);
  } finally {
    door.over_rate_s = 0;
  }
});

it('A15: of two proofs of possession neither counts: it could be either', async () => {
  const { door } = gateway;
  const seen: unknown[] = [];
  const spying = Object.assign(new FakeDoor(), {
    admit: (credential: string, shown?: { readonly proof?: string }) => {
      seen.push(shown?.proof);
      return door.admit(credential);
    },
  });
  const asked = await startTestGateway({ upstreams: { fixture: { url: fixture.url } }, door: spying });
  const url = new URL(asked.url('fixture'));
  for (const proofs of [['one'], ['one', 'two']]) {
    await new Promise((resolve) => {
      const headers = ['Host', url.host, 'Authorization', 'DPoP key-a'];
      for (const proof of proofs) headers.push('DPoP', proof);
      request({ port: url.port, path: url.pathname, method: 'POST', headers }, resolve).end();
    });
  }
  assert.deepEqual(seen, ['one', undefined]);
  await asked.close();
});

describe('what is wrong with a request is said before anything is asked', () => {
  const cases: [string, Parameters<typeof send>[1], number, RegExp][] = [
    ['a foreign Origin', { body, headers: { origin: 'https://evil.example' } }, 403, /Origin/],
    ['an opaque Origin', { body, headers: { origin: 'null' } }, 403, /Origin/],
    ['a foreign Host (DNS rebinding)', { body, headers: { host: 'evil.example' } }, 403, /Host/],
    ['no credential', { body, headers: { authorization: '' } }, 401, /Authorization: missing/],
    ['an unknown credential', { body, headers: { authorization: 'Bearer nope' } }, 401, /not known/],
    ['another content type', { body, headers: { 'content-type': 'text/plain' } }, 415, /Content-Type/],
    [
      'an Accept without streams',
      { body, headers: { accept: 'application/json' } },
      406,
      /text\/event-stream/,
    ],
    ['not JSON', { body: '{' }, 400, /not JSON/],
    ['a batch', { body: [body] }, 400, /Batches/],
    ['too large', { body: { ...body, params: { x: 'y'.repeat(30_000) } } }, 413, /body_bytes_max/],
    [
      'too deep',
      { body: `{"jsonrpc":"2.0","id":1,"method":"x","params":${'{"a":'.repeat(80)}1${'}'.repeat(80)}}` },
      413,
      /JSON/,
    ],
    ['no session', { body }, 400, /Mcp-Session-Id/],
    ['an unknown session', { body, headers: { 'mcp-session-id': 'x' } }, 404, /initialize/],
    ['GET without a session', { method: 'GET' }, 405, /POST/],
    [
      'DELETE in the newer revision',
      { method: 'DELETE', headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-session-id': 'x' } },
      405,
      /POST/,
    ],
    ['another method of HTTP', { method: 'PUT' as 'POST', body }, 405, /POST/],
  ];
  for (const [name, sent, status, says] of cases) {
    it(name, async () => {
      const answer = await send(to, sent).done;
      assert.equal(answer.status, status);
      assert.match(String(answer.messages[0]?.error?.message), says);
      assert.equal(fixture.journal.connections, 0);
    });
  }

  it('an upstream that is not there, to those who may ask', async () => {
    assert.equal((await send({ url: gateway.url('nothing'), token: 'key-a' }, { body }).done).status, 404);
    assert.equal((await send({ url: gateway.url('nothing') }, { body }).done).status, 401);
  });

  it('A21: a body that trickles is cut off when the caller gives up, and holds nothing', async () => {
    const { port } = new URL(to.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /mcp/fixture HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer key-a\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: 100\r\n\r\n{`,
    );
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    assert.equal((await modern(to, 'server/discover').done).status, 200);
    assert.deepEqual(gateway.logged, []);
  });
});

describe('who may ask, and how they learn it (RFC 9728)', () => {
  it('401 names the metadata, and the metadata names the resource', async () => {
    const { headers } = await send({ url: to.url }, { body }).done;
    const where = /resource_metadata="([^"]+)"/.exec(String(headers['www-authenticate']))?.[1];
    assert.equal(where, 'http://localhost:7070/.well-known/oauth-protected-resource/mcp/fixture');
    const answer = await fetch(new URL(new URL(where ?? '').pathname, to.url));
    assert.equal(
      ((await answer.json()) as { resource: string }).resource,
      'http://localhost:7070/mcp/fixture',
    );
  });
});

describe('the newer revision', () => {
  it('tells which methods there are not, and which need a capability', async () => {
    for (const method of ['initialize', 'ping', 'logging/setLevel', 'tasks/list', 'tasks/result', 'nope']) {
      const { status, reply } = await modern(to, method).done;
      assert.deepEqual([status, reply?.error?.code], [404, -32601], method);
    }
    const { status, reply } = await modern(to, 'tasks/get', { taskId: 'x' }).done;
    assert.deepEqual([status, reply?.error?.code], [400, -32021]);
  });

  it('lists accepted tools in order, for this caller and this moment only, and offers tasks', async () => {
    const { result } = (await modern(to, 'tools/list').done).reply ?? {};
    const names = (result?.['tools'] as { name: string }[] | undefined)?.map(({ name }) => name) ?? [];
    assert.deepEqual(names.slice(0, -1), [...names.slice(0, -1)].sort());
    assert.equal(names.at(-1), 'approval_wait');
    assert.deepEqual([result?.['ttlMs'], result?.['cacheScope']], [0, 'private']);
    const found = (await modern(to, 'server/discover').done).reply?.result;
    assert.match(JSON.stringify(found?.['capabilities']), /io.modelcontextprotocol\/tasks/);
  });

  it('A27: the upstream gets the gateway’s credential, never the caller’s; and its own headers, never the caller’s', async () => {
    const headers = { 'mcp-param-x': 'covert', 'x-covert': '1', traceparent: 'x' };
    await modern({ ...to, headers }, 'tools/call', { name: 'echo', arguments: {} }).done;
    const [call] = fixture.journal.list({ name: 'echo' });
    assert.equal(call?.headers['authorization'], 'Bearer upstream-secret');
    assert.equal(call?.headers['mcp-param-x'], undefined);
    assert.equal(call?.headers['x-covert'], undefined);
    assert.equal(call?.headers['traceparent'], undefined);
  });

  it('never held, strictly read: the upstream gets the very bytes', async () => {
    const text =
      '{ "jsonrpc":"2.0", "method":"tools/call","id":"é", "params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/protocolVersion":"2026-07-28","traceparent":"00-1"},"arguments":{"b":1.0,"a":"\\u00e9"},"name":"echo"} }';
    const before = fixture.journal.bytes;
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
    await send(to, { body: text, headers }).done;
    const [call] = fixture.journal.list({ name: 'echo' });
    assert.equal(call?.id, 'é');
    assert.match(JSON.stringify(call?.params), /"traceparent":"00-1"/);
    assert.equal(fixture.journal.bytes - before, Buffer.byteLength(text));
  });

  it('closing the stream cancels the call at the upstream; what may have run is recorded so', async () => {
    const call = modern(to, 'tools/call', { name: 'slow_compute', arguments: { seconds: 60 } });
    call.done.catch(() => undefined);
    await fixture.journal.until({ name: 'slow_compute', state: 'running' });
    call.hangUp();
    await fixture.journal.until({ name: 'slow_compute', state: 'cancelled' });
    const run = gateway.door.runs.findLast(({ evaluation }) => evaluation.resource.id === 'slow_compute');
    await gateway.door.until(() => run?.outcome !== undefined, 'recorded');
    assert.equal(run?.outcome?.status, 'unknown');
  });

  it('opens an upstream once an agent, asks again when the authority changed, and shares it with nobody', async () => {
    const opened = (): number =>
      gateway.door.runs.filter(({ evaluation }) => evaluation.action.name === 'session.open').length;
    await modern(to, 'tools/list').done;
    const before = opened();
    await modern(to, 'tools/list').done;
    assert.equal(opened(), before);
    await modern({ ...to, token: 'key-b' }, 'tools/list').done;
    assert.equal(opened(), before + 1);
    gateway.door.epoch += 1;
    await modern(to, 'tools/list').done;
    assert.equal(opened(), before + 2);
    gateway.door.epoch += 1;
    gateway.door.decide = ({ action }) => (action.name === 'session.open' ? 'deny' : 'allow');
    fixture.journal.reset();
    const { reply } = await modern(to, 'tools/list').done;
    assert.match(String(reply?.error?.message), /not opened/);
    assert.equal(fixture.journal.connections + fixture.journal.count(), 0);
  });
});

it('asks again whether an upstream may be open once that has been long ago', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const aging = await startTestGateway({ upstreams: { fixture: { url: fixture.url } } });
  const opened = async (): Promise<number> => {
    await modern({ url: aging.url('fixture'), token: 'agent-key' }, 'tools/list').done;
    return aging.door.runs.filter(({ evaluation }) => evaluation.action.name === 'session.open').length;
  };
  assert.equal(await opened(), 1);
  t.mock.timers.setTime(599_999);
  assert.equal(await opened(), 1);
  t.mock.timers.setTime(600_000);
  assert.equal(await opened(), 2);
  await aging.close();
});

describe('one revision on both sides', () => {
  it('a newer caller of an older upstream is told to begin with initialize, in no error of the newer revision', async () => {
    const old = await startFixture({ eras: ['legacy'] });
    const before = await startTestGateway({ upstreams: { old: { url: old.url } } });
    const { status, reply } = await modern({ url: before.url('old'), token: 'agent-key' }, 'tools/list').done;
    assert.equal(status, 400);
    assert.equal(reply?.error?.code, -32000);
    assert.match(JSON.stringify(reply?.error?.data), /"supported":\["2025-11-25"/);
    const session = await legacy({ url: before.url('old'), token: 'agent-key' });
    assert.ok((await session.request('tools/list').done).reply?.result);
    assert.deepEqual(before.door.unfinished(), []);
    await before.close();
    await old.close();
  });

  it('an older caller of a newer upstream hears what the upstream says', async () => {
    const recent = await startFixture({ eras: ['modern'] });
    const before = await startTestGateway({ upstreams: { recent: { url: recent.url } } });
    await assert.rejects(legacy({ url: before.url('recent'), token: 'agent-key' }), /HTTP 400/);
    assert.deepEqual(before.door.unfinished(), []);
    await before.close();
    await recent.close();
  });
});
