import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { initialize, type LegacySession, legacy, send } from '../../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway, type TestGateway } from '../../../../../testing/mcp.ts';
import { until } from '../../../../../testing/until.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({
  upstreams: { fixture: { url: fixture.url }, other: { url: fixture.url } },
  door: { agents: { 'key-a': 'a', 'key-b': 'b' } },
});
const to = { url: gateway.url('fixture'), token: 'key-a' };
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const slow = { name: 'slow_compute', arguments: { seconds: 60 } };
after(async () => {
  await gateway.close();
  await fixture.close();
});
beforeEach(() => {
  fixture.journal.reset();
  fixture.faults.clear();
  gateway.door.decide = () => 'allow';
});

describe('a session', () => {
  it('is the gateway’s own, and good only for its agent and upstream', async () => {
    const session = await legacy(to);
    const [opened] = fixture.journal.list({ method: 'initialize' });
    assert.ok(session.id.length >= 32);
    assert.notEqual(session.id, opened?.session);
    assert.equal((await session.request('ping').done).status, 200);
    for (const thief of [
      { ...to, token: 'key-b' },
      { url: gateway.url('other'), token: 'key-a' },
    ]) {
      const stolen = await legacy(thief, session.id);
      assert.equal((await stolen.request('ping').done).status, 404);
      assert.equal((await stolen.stream().done).status, 404);
      assert.equal((await stolen.end()).status, 404);
    }
    assert.equal((await session.request('ping').done).status, 200);
  });

  it('is named in the questions it asks, by a name that opens nothing', async () => {
    const [one, two] = [await legacy(to), await legacy(to)];
    const runs = gateway.door.runs.length;
    for (const session of [one, one, two])
      await session.request('tools/call', { name: 'echo', arguments: { message: 'hi' } }).done;
    const names = gateway.door.runs.slice(runs).map(({ evaluation }) => evaluation.origin?.session ?? '');
    assert.equal(names.length, 3);
    assert.match(names[0] ?? '', /^[0-9a-f]{32}$/);
    assert.equal(names[1], names[0]);
    assert.notEqual(names[2], names[0]);
    assert.ok(!one.id.includes(names[0] ?? ''));
    assert.equal((await (await legacy(to, names[0] ?? '')).request('ping').done).status, 404);
  });

  it('ends at both sides with DELETE, and cancels what runs', async () => {
    const session = await legacy(to);
    const call = session.request('tools/call', slow);
    await fixture.journal.until({ name: 'slow_compute', state: 'running' });
    assert.equal((await session.end()).status, 200);
    await fixture.journal.until({ name: 'slow_compute', state: 'cancelled' });
    assert.equal((await call.done).reply, undefined);
    assert.equal((await session.request('ping').done).status, 404);
    await gateway.door.until(() => gateway.door.unfinished().length === 0, 'recorded');
  });

  it('ends when the upstream has forgotten it: the caller is told to begin again', async () => {
    const session = await legacy(to);
    const [opened] = fixture.journal.list({ method: 'initialize' });
    await send(
      { url: fixture.url },
      { method: 'DELETE', headers: { 'mcp-session-id': String(opened?.session) } },
    ).done;
    assert.equal((await session.request('tools/call', { name: 'echo', arguments: {} }).done).status, 404);
    assert.equal((await session.request('ping').done).status, 404);
  });

  it('does not offer the experimental tasks to either side', async () => {
    const session = await legacy(to);
    assert.equal((await session.request('tasks/list').done).reply?.error?.code, -32601);
    const { reply } = await session.request('tools/call', {
      name: 'echo',
      arguments: { a: 1 },
      task: { ttl: 5 },
    }).done;
    assert.ok(reply?.result);
    assert.equal(fixture.journal.list({ name: 'echo' })[0]?.params['task'], undefined);
  });

  it('refuses an id that is in use', async () => {
    const session = await legacy(to);
    const call = session.request('tools/call', slow);
    call.done.catch(() => undefined);
    await fixture.journal.until({ name: 'slow_compute', state: 'running' });
    const { status } = await fetch(to.url, {
      method: 'POST',
      headers: {
        authorization: 'Bearer key-a',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': session.id,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: call.id, method: 'ping' }),
    });
    assert.equal(status, 400);
    await session.end();
  });
});

describe('A21: how many sessions may be open', () => {
  const opens = (few: TestGateway, token: string) => initialize({ url: few.url('fixture'), token }).done;
  const statuses = async (few: TestGateway, token: string, count: number): Promise<readonly number[]> =>
    (await Promise.all(Array.from({ length: count }, () => opens(few, token))))
      .map(({ status }) => status)
      .sort();
  const start = (max: { readonly all: number; readonly each: number }): Promise<TestGateway> =>
    startTestGateway({
      upstreams: { fixture: { url: fixture.url } },
      door: { agents: { 'key-a': 'a', 'key-b': 'b' } },
      limits: { sessions_max: max.all, sessions_per_agent_max: max.each },
    });

  it('holds for those that are opened at the same moment, of one agent and of all', async (t) => {
    const few = await start({ all: 3, each: 2 });
    t.after(() => few.close());
    assert.deepEqual(await statuses(few, 'key-a', 5), [200, 200, 503, 503, 503]);
    assert.deepEqual(await statuses(few, 'key-b', 2), [200, 503]);
  });

  it('one that ended, was denied, or could not be opened leaves its place to the next', async (t) => {
    const few = await start({ all: 1, each: 1 });
    t.after(() => few.close());
    const there = { url: few.url('fixture'), token: 'key-a' };
    await (await legacy(there)).end();
    few.door.decide = () => 'deny';
    await opens(few, 'key-a');
    few.door.decide = () => 'allow';
    few.configure('fixture', { url: 'http://127.0.0.1:1/mcp' });
    assert.equal((await opens(few, 'key-a')).status, 502);
    few.configure('fixture', { url: fixture.url });
    await (await legacy(there)).end();
    assert.deepEqual(await statuses(few, 'key-a', 2), [200, 503]);
  });

  it('one that nobody learned the id of is not kept', async (t) => {
    const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slowly = createServer((http, response) => {
      asked.resolve();
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 'x', version: '1' },
      };
      http.resume().on('end', () => {
        void go.promise.then(() => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
        });
      });
    });
    await new Promise<void>((resolve) => slowly.listen(0, '127.0.0.1', resolve));
    t.after(() => slowly.close().closeAllConnections());
    const few = await start({ all: 1, each: 1 });
    t.after(() => few.close());
    few.configure('fixture', { url: `http://127.0.0.1:${(slowly.address() as AddressInfo).port}/` });
    const gone = send(
      { url: few.url('fixture'), token: 'key-a' },
      {
        body: { ...PING, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } },
      },
    );
    gone.done.catch(() => undefined);
    await asked.promise;
    gone.hangUp();
    assert.deepEqual(await statuses(few, 'key-a', 1), [503], 'it is still being opened');
    go.resolve();
    await until('its place is free', async () => (await statuses(few, 'key-a', 1))[0] === 200);
  });
});

describe('a session whose upstream may no longer be open', () => {
  it('I8: has ended once that was denied, whatever is allowed afterwards', async () => {
    const session = await legacy(to);
    gateway.door.epoch += 1;
    gateway.door.decide = ({ action }) => (action.name === 'session.open' ? 'deny' : 'allow');
    assert.match(JSON.stringify((await session.request('ping').done).messages), /not opened/);
    const [opened] = fixture.journal.list({ method: 'initialize' });
    const upstream = { headers: { 'mcp-session-id': String(opened?.session) }, body: PING };
    await until(
      'it has ended at the upstream too',
      async () => (await send({ url: fixture.url }, upstream).done).status === 404,
    );
    gateway.door.decide = () => 'allow';
    assert.equal((await session.request('ping').done).status, 404);
  });

  it('stays open for calls made at once while people are asked: they are asked once, and it once more', async () => {
    const session = await legacy(to);
    const before = gateway.door.runs.length;
    gateway.door.epoch += 1;
    gateway.door.decide = ({ action }) => (action.name === 'session.open' ? 'require' : 'allow');
    const calls = [1, 2, 3].map(() => session.request('ping').done);
    await gateway.door.until(() => gateway.door.waiting > 0, 'waits');
    // What is asked after them is answered: they have all come to wait.
    for (let n = 0; n < 5; n += 1) await send({ ...to, token: 'unknown' }, { body: PING }).done;
    assert.equal(gateway.door.waiting, 1);
    gateway.door.resolve(gateway.door.pending[0]?.id ?? '', 'approved');
    assert.deepEqual(
      (await Promise.all(calls)).map(({ status, reply }) => [status, reply?.result]),
      [1, 2, 3].map(() => [200, {}]),
    );
    assert.equal(gateway.door.runs.length, before + 1);
    await session.end();
  });

  it('has ended once that upstream is configured anew: nothing more goes where it went', async () => {
    gateway.configure('moving', { url: fixture.url });
    const session = await legacy({ ...to, url: gateway.url('moving') });
    assert.equal((await session.request('ping').done).status, 200);
    gateway.configure('moving', { url: fixture.url, call_timeout_ms: 59_999 });
    assert.equal((await session.request('ping').done).status, 404);
  });
});

describe('cancelling', () => {
  const state = (): string | undefined => fixture.journal.list({ name: 'slow_compute' })[0]?.state;

  it('a lost connection does not; notifications/cancelled does', async () => {
    const session = await legacy(to);
    const call = session.request('tools/call', slow);
    call.done.catch(() => undefined);
    await fixture.journal.until({ name: 'slow_compute', state: 'running' });
    call.hangUp();
    await session.request('ping').done;
    assert.equal(state(), 'running');
    await session.notify('notifications/cancelled', { requestId: call.id });
    await fixture.journal.until({ name: 'slow_compute', state: 'cancelled' });
    const run = gateway.door.actions.at(-1);
    await gateway.door.until(() => run?.outcome !== undefined, 'recorded');
    assert.equal(run?.outcome?.status, 'unknown');
  });

  it('a held call taken back runs nothing, and the upstream never hears of it', async () => {
    gateway.door.decide = ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow');
    const session = await legacy(to);
    const call = session.request('tools/call', { name: 'echo', arguments: { n: 1 } });
    await gateway.door.until(() => gateway.door.waiting === 1, 'held');
    await session.notify('notifications/cancelled', { requestId: call.id });
    assert.equal((await call.done).reply, undefined);
    gateway.door.resolve(gateway.door.pending[0]?.id ?? '', 'approved');
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    assert.equal(fixture.journal.count({ method: 'notifications/cancelled' }), 0);
  });
});

describe('what passes unasked', () => {
  it('carries nothing but what its revision defines; anything else is dropped', async () => {
    const session = await legacy(to);
    const before = fixture.journal.bytes;
    await session.notify('notifications/message', { data: 'x'.repeat(1_000) });
    await session.notify('notifications/made-up', { data: 'x'.repeat(1_000) });
    await session.notify('notifications/roots/list_changed', { covert: 'x'.repeat(1_000) });
    await session.notify('notifications/progress', {
      progressToken: 1,
      progress: 1,
      covert: 'x'.repeat(1_000),
    });
    const sent = fixture.journal.bytes - before;
    assert.ok(sent > 0 && sent < 1_000, `${sent} bytes`);
    await session.end();
  });
});

describe('what the upstream asks the caller', () => {
  async function asked(session: LegacySession, result: Record<string, unknown>): Promise<{ text: string }> {
    const call = session.request('tools/call', { name: 'test_elicitation', arguments: { message: 'Who?' } });
    const question = await call.first((message) => message.method === 'elicitation/create');
    await session.respond(question.id ?? '', result);
    return { text: JSON.stringify((await call.done).reply) };
  }

  it('passes, and the answer passes the door', async () => {
    const { text } = await asked(await legacy(to), {
      action: 'accept',
      content: { username: 'ann', email: 'a@b.c' },
    });
    assert.match(text, /ann/);
    assert.ok(
      gateway.door.asked.some(
        ({ action, facts }) => action.name === 'elicitation/answer' && facts.scope.class === 'answer',
      ),
    );
  });

  it('a refused answer reaches the upstream as the gateway’s refusal', async () => {
    gateway.door.decide = ({ action }) => (action.name === 'elicitation/answer' ? 'deny' : 'allow');
    const { text } = await asked(await legacy(to), {
      action: 'accept',
      content: { username: 'ann', email: 'a@b.c' },
    });
    assert.doesNotMatch(text, /ann/);
  });

  it('a held answer waits, and goes as it was approved', async () => {
    gateway.door.decide = ({ action }) => (action.name === 'elicitation/answer' ? 'require' : 'allow');
    const answered = asked(await legacy(to), {
      action: 'accept',
      content: { username: 'ann', email: 'a@b.c' },
    });
    await gateway.door.until(
      () => gateway.door.pending.some(({ action }) => action === 'elicitation/answer'),
      'held',
    );
    gateway.door.resolve(
      gateway.door.pending.find(({ action }) => action === 'elicitation/answer')?.id ?? '',
      'approved',
    );
    assert.match((await answered).text, /ann/);
  });

  it('an answer to nothing that was asked goes nowhere', async () => {
    const session = await legacy(to);
    const before = gateway.door.asked.length;
    assert.equal((await session.respond('made-up', { action: 'accept' })).status, 202);
    assert.equal(gateway.door.asked.length, before);
  });
});

describe('the stream for what belongs to no call', () => {
  it('tells of changed lists, and a changed tool cannot be called any more (A9)', async () => {
    const session = await legacy(to);
    const redefine = (description: string) =>
      fetch(fixture.url.replace('/mcp', '/control/redefine'), {
        method: 'POST',
        body: JSON.stringify({ tool: 'echo', description }),
      });
    const tools = (await session.request('tools/list').done).reply?.result?.['tools'] as {
      name: string;
      description: string;
    }[];
    const stream = session.stream();
    stream.done.catch(() => undefined);
    const changed = stream.first(({ method }) => method === 'notifications/tools/list_changed');
    let told = false;
    void changed.then(() => (told = true));
    // The stream has no acknowledgement: announce until it is heard.
    while (!told) {
      await redefine('now evil');
      await session.request('ping').done;
    }
    const { reply } = await session.request('tools/call', { name: 'echo', arguments: { late: 1 } }).done;
    assert.match(JSON.stringify(reply), /changed since an operator accepted it/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    await redefine(tools.find(({ name }) => name === 'echo')?.description ?? '');
    stream.hangUp();
    await session.end();
  });
});

it('every permit of these tests ended once', async () => {
  await gateway.door.until(() => gateway.door.unfinished().length === 0, 'recorded');
});
