import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { legacy, modern } from '../../../../../conformance/mcp/client.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';
import { LineReader } from './lines.ts';
import { resolveUser, UnknownUser } from './user.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-stdio-'));
writeFileSync(path.join(folder, 'a.txt'), 'hello');
const server = [process.execPath, here('../testdata/stdio-server.mjs')];
const startsAfter = (ms: number): string[] => [
  process.execPath,
  '-e',
  `setTimeout(() => import(${JSON.stringify(server[1])}), ${ms})`,
];
const gateway = await startTestGateway({
  upstreams: {
    files: { command: [here('../../../../../node_modules/.bin/mcp-server-filesystem'), folder] },
    odd: { command: server, call_timeout_ms: 300, processes_max: 3 },
    drips: { command: server, call_timeout_ms: 300, call_ms_max: 900 },
    late: { command: startsAfter(600), call_timeout_ms: 300 },
  },
  door: { agents: { 'key-a': 'a', 'key-b': 'b' }, credentials: { env: { GIVEN: 'given' } } },
});
const { door } = gateway;
after(() => gateway.close());
const to = (upstream: string, token = 'key-a'): { url: string; token: string } => ({
  url: gateway.url(upstream),
  token,
});
const text = (reply: { result?: Record<string, unknown> } | undefined): string =>
  (reply?.result?.['content'] as { text: string }[] | undefined)?.[0]?.text ?? JSON.stringify(reply);
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: gone.
    return false;
  }
};

describe('a real server: filesystem', () => {
  it('reads, and writes when approved, from what was approved', async () => {
    const session = await legacy(to('files'));
    const file = path.join(folder, 'a.txt');
    assert.equal(
      text(
        (await session.request('tools/call', { name: 'read_text_file', arguments: { path: file } }).done)
          .reply,
      ),
      'hello',
    );
    door.decide = ({ resource }) => (resource.id === 'write_file' ? 'require' : 'allow');
    const call = session.request('tools/call', {
      name: 'write_file',
      arguments: { path: file, content: 'new' },
    });
    await door.until(() => door.pending.length === 1, 'held');
    assert.equal(readFileSync(file, 'utf8'), 'hello');
    door.resolve(door.pending[0]?.id ?? '', 'approved');
    assert.match(text((await call.done).reply), /Successfully wrote/);
    assert.equal(readFileSync(file, 'utf8'), 'new');
    door.decide = () => 'allow';
    await session.end();
  });
});

describe('a process', () => {
  const call = (session: Awaited<ReturnType<typeof legacy>>, name: string, meta: object = {}) =>
    session.request('tools/call', { name, arguments: {}, _meta: meta });

  it('A27: gets only the environment configured, is each session’s own, and dies with it and its children', async () => {
    const [one, two] = [await legacy(to('odd')), await legacy(to('odd', 'key-b'))];
    const env = JSON.parse(text((await call(one, 'env').done).reply)) as Record<string, string>;
    assert.deepEqual(Object.keys(env).sort(), ['GIVEN', 'PATH']);
    const [mine, theirs] = await Promise.all(
      [one, two].map(
        async (session) => JSON.parse(text((await call(session, 'pids').done).reply)) as number[],
      ),
    );
    assert.notEqual(mine?.[0], theirs?.[0]);
    await one.end();
    await door.until(() => (mine ?? []).every((pid) => !alive(pid)), 'process and child are gone');
    assert.ok((theirs ?? []).every(alive));
    await two.end();
  });

  it('no more may run than processes_max', async () => {
    const sessions = [await legacy(to('odd')), await legacy(to('odd')), await legacy(to('odd'))];
    await assert.rejects(legacy(to('odd')), /HTTP 503/);
    await sessions[0]?.end();
    await door.until(() => gateway.logged.length >= 0, 'ended');
    await Promise.all(sessions.map((session) => session.end()));
  });

  it('A21: nor, of all upstreams together, than limits.processes_max; and one agent leaves some', async () => {
    const few = await startTestGateway({
      upstreams: { one: { command: server }, two: { command: server } },
      door: { agents: { 'key-a': 'a', 'key-b': 'b' } },
      limits: { processes_max: 3 },
    });
    const open = (upstream: string, token: string) => legacy({ url: few.url(upstream), token });
    const mine = [await open('one', 'key-a'), await open('two', 'key-a')];
    await assert.rejects(open('one', 'key-a'), /HTTP 503/);
    const theirs = await open('two', 'key-b');
    await mine[0]?.end();
    await few.door.until(() => few.door.unfinished().length === 0, 'ended');
    await theirs.end();
    await few.close();
  });

  it('A21: progress starts the silence anew, but never call_ms_max: the call ends, as unknown', async () => {
    const session = await legacy(to('drips'));
    const { reply } = await call(session, 'drip', { progressToken: 'd' }).done;
    assert.match(text(reply), /not done with it within call_ms_max\. It may have run/);
    assert.equal(door.actions.at(-1)?.outcome?.status, 'unknown');
    // The process was told, too.
    assert.notEqual(text((await call(session, 'cancelled').done).reply), '[]');
    await session.end();
  });

  it('progress finds its call, whatever ids and tokens two calls use', async () => {
    const session = await legacy(to('odd'));
    const calls = ['p', 'q'].map((token) => call(session, 'progress', { progressToken: token }));
    for (const [at, { done }] of calls.entries()) {
      const { messages } = await done;
      assert.deepEqual(
        messages
          .filter(({ method }) => method === 'notifications/progress')
          .map(({ params }) => params?.['progressToken']),
        [['p', 'q'][at]],
      );
    }
    await session.end();
  });

  it('that stays silent, is cancelled and recorded as unknown', async () => {
    const session = await legacy(to('odd'));
    assert.match(text((await call(session, 'silent').done).reply), /did not answer in time/);
    assert.equal(door.actions.at(-1)?.outcome?.status, 'unknown');
    assert.match(text((await call(session, 'cancelled').done).reply), /^\[\d+\]$/);
    await session.end();
  });

  it('that takes longer to start than a call may take is waited for', async () => {
    const session = await legacy(to('late'));
    assert.match(text((await call(session, 'cancelled').done).reply), /^\[\]$/);
    await session.end();
  });

  it('that dies mid-call ends the session', async () => {
    const session = await legacy(to('odd'));
    assert.match(text((await call(session, 'die').done).reply), /process ended/);
    assert.equal((await session.request('ping').done).status, 404);
  });

  it('that speaks only the older revision says so to a newer caller, and leaves no process', async () => {
    const { status, reply } = await modern(to('odd'), 'tools/list').done;
    assert.deepEqual([status, reply?.error?.code], [400, -32000]);
  });

  it('that asks before anyone listens waits until someone does', async () => {
    const session = await legacy(to('odd'));
    const stream = session.stream();
    stream.done.catch(() => undefined);
    const question = await stream.first(({ method }) => method === 'roots/list');
    await session.respond(question.id ?? '', { roots: [{ uri: 'file:///early' }] });
    assert.match(text((await call(session, 'early').done).reply), /file:\/\/\/early/);
    stream.hangUp();
    await session.end();
  });

  it('that changes a tool is believed at once, though no stream is open (A9)', async () => {
    const session = await legacy(to('odd'));
    await call(session, 'change').done;
    assert.match(text((await call(session, 'env').done).reply), /changed since an operator accepted it/);
    await session.end();
  });

  it('asks the caller on the call that made it ask', async () => {
    const session = await legacy(to('odd'));
    const asking = call(session, 'ask');
    const question = await asking.first(({ id, method }) => method === 'roots/list' && id === 'q1');
    await session.respond(question.id ?? '', { roots: [{ uri: 'file:///r' }] });
    assert.match(text((await asking.done).reply), /file:\/\/\/r/);
    await session.end();
  });
});

it('runs as the user named, and nobody else', {
  skip: process.getuid?.() === 0 ? false : 'only root may start processes of others',
}, async () => {
  const other = await startTestGateway({ upstreams: { odd: { command: server, run_as: '65534:65534' } } });
  const session = await legacy({ url: other.url('odd'), token: 'agent-key' });
  const call = session.request('tools/call', { name: 'user', arguments: {} });
  assert.equal(text((await call.done).reply), '[65534,65534,[65534]]');
  await other.close();
});

it('every permit of these tests ended once', async () => {
  await door.until(() => door.unfinished().length === 0, 'recorded');
});

it('a line is bounded, however it comes', () => {
  const lines: string[] = [];
  let overruns = 0;
  const reader = new LineReader(
    5,
    (line) => lines.push(line),
    () => (overruns += 1),
  );
  for (const chunk of ['ab', 'c\r\nde', '\n', 'toolong\n', 'x\n', 'muchtoolong', '\n'])
    reader.push(Buffer.from(chunk));
  assert.deepEqual(lines, ['abc', 'de', 'x', '']);
  assert.equal(overruns, 2);
});

it('a user is a pair of numbers or a name this machine knows', () => {
  assert.deepEqual(resolveUser('12:34'), { uid: 12, gid: 34 });
  assert.equal(resolveUser('root').uid, 0);
  assert.throws(() => resolveUser('nobody-of-that-name'), UnknownUser);
});
