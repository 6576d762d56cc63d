import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, beforeEach, describe, it } from 'node:test';
import { startFixture } from '../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway } from '../../testing/mcp.ts';
import { runShim } from './shim.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({ upstreams: { fixture: { url: fixture.url } } });
const { door } = gateway;
after(async () => {
  await gateway.close();
  await fixture.close();
});
beforeEach(() => {
  fixture.journal.reset();
  door.decide = () => 'allow';
});

type Said = {
  id?: unknown;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
};
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

function start(token: string | (() => string) = 'agent-key', url = gateway.url('fixture')) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const said: Said[] = [];
  let rest = '';
  stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines.map((line) => JSON.parse(line) as Said));
  });
  const done = runShim({ url, token: typeof token === 'string' ? () => token : token, stdin, stdout });
  const send = (message: object): void =>
    void stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answer = async (id: unknown): Promise<Said> => {
    await door.until(
      () => said.some((each) => each.id === id && each.method === undefined),
      `an answer to ${String(id)}; said: ${JSON.stringify(said)}`,
    );
    return said.find((each) => each.id === id && each.method === undefined) ?? {};
  };
  return {
    send,
    said,
    answer,
    raw: (text: string) => stdin.write(text),
    end: async () => {
      stdin.end();
      await done;
    },
  };
}

async function opened(shim: ReturnType<typeof start>): Promise<void> {
  shim.send({
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {} },
      clientInfo: { name: 't', version: '1' },
    },
  });
  assert.equal((await shim.answer(0)).result?.['protocolVersion'], '2025-11-25');
  shim.send({ method: 'notifications/initialized' });
}

describe('the stdio shim', () => {
  it('carries an older session, with what the upstream says and asks, and ends it', async () => {
    const shim = start();
    await opened(shim);
    shim.send({
      id: 1,
      method: 'tools/call',
      params: { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 'p' } },
    });
    assert.ok((await shim.answer(1)).result);
    assert.ok(shim.said.some(({ method }) => method === 'notifications/progress'));
    shim.send({
      id: 2,
      method: 'tools/call',
      params: { name: 'test_elicitation', arguments: { message: 'Who?' } },
    });
    await door.until(() => shim.said.some(({ method }) => method === 'elicitation/create'), 'asked');
    const question = shim.said.find(({ method }) => method === 'elicitation/create');
    shim.send({
      id: question?.id,
      result: { action: 'accept', content: { username: 'ann', email: 'a@b.c' } },
    });
    assert.match(JSON.stringify(await shim.answer(2)), /ann/);
    await shim.end();
  });

  it('comes with the token there is now: its platform replaces it while the client stays', async () => {
    let token = 'agent-key';
    const shim = start(() => token);
    await opened(shim);
    const asked = async (id: number) => {
      shim.send({ id, method: 'tools/list' });
      return shim.answer(id);
    };
    assert.ok((await asked(1)).result);
    token = 'expired';
    assert.match((await asked(2)).error?.message ?? '', /refused the agent key or token/);
    token = 'agent-key';
    assert.ok((await asked(3)).result);
    await shim.end();
  });

  it('resumes a stream the upstream dropped', async () => {
    const shim = start();
    await opened(shim);
    shim.send({ id: 1, method: 'tools/call', params: { name: 'test_reconnection', arguments: {} } });
    assert.ok((await shim.answer(1)).result);
    await shim.end();
  });

  it('carries the newer revision, with the headers it needs', async () => {
    const shim = start();
    shim.send({ id: 1, method: 'server/discover', params: { _meta: META } });
    assert.ok((await shim.answer(1)).result?.['supportedVersions']);
    const schema = (
      fixture.catalog.list() as {
        tools: {
          name: string;
          inputSchema: { properties: Record<string, { type: string; 'x-mcp-header'?: string }> };
        }[];
      }
    ).tools.find(({ name }) => name === 'test_x_mcp_header');
    const args = Object.fromEntries(
      Object.entries(schema?.inputSchema.properties ?? {}).map(([name, { type }]) => [
        name,
        type === 'string' ? 'ä b' : type === 'boolean' ? true : 7,
      ]),
    );
    shim.send({
      id: 2,
      method: 'tools/call',
      params: { name: 'test_x_mcp_header', arguments: args, _meta: META },
    });
    assert.ok((await shim.answer(2)).result, JSON.stringify(await shim.answer(2)));
    await shim.end();
  });

  it('cancels, and gives no answer to what was taken back', async () => {
    const shim = start();
    await opened(shim);
    shim.send({ id: 1, method: 'tools/call', params: { name: 'slow_compute', arguments: { seconds: 60 } } });
    await fixture.journal.until({ name: 'slow_compute', state: 'running' });
    shim.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
    await fixture.journal.until({ name: 'slow_compute', state: 'cancelled' });
    shim.send({ id: 2, method: 'ping' });
    await shim.answer(2);
    assert.equal(
      shim.said.some(({ id }) => id === 1),
      false,
    );
    await shim.end();
  });

  it('opens a new session when the gateway no longer knows the old one', async () => {
    const shim = start();
    await opened(shim);
    door.epoch += 1;
    door.decide = () => 'deny';
    shim.send({ id: 1, method: 'ping' });
    assert.ok((await shim.answer(1)).error);
    door.decide = () => 'allow';
    shim.send({ id: 2, method: 'tools/list' });
    assert.ok((await shim.answer(2)).result, JSON.stringify(shim.said));
    await shim.end();
  });

  it('says what is wrong: the message, the key, the gateway', async () => {
    const shim = start();
    shim.raw('{nonsense\n');
    await door.until(() => shim.said.length === 1, 'told');
    assert.equal(shim.said[0]?.error?.code, -32700);
    await shim.end();
    const stranger = start('nope');
    stranger.send({ id: 1, method: 'server/discover', params: { _meta: META } });
    const refused = String((await stranger.answer(1)).error?.message);
    assert.match(refused, /agents new-key/);
    assert.ok(refused.includes(new URL(gateway.url('fixture')).origin), refused);
    await stranger.end();
    const nobody = start('agent-key', 'http://127.0.0.1:1/mcp/x');
    nobody.send({ id: 1, method: 'initialize', params: {} });
    const unreachable = String((await nobody.answer(1)).error?.message);
    assert.match(
      unreachable,
      /no gateway answers at http:\/\/127\.0\.0\.1:1; start it there \(countersign serve\)/,
    );
    assert.match(unreachable, /--url or COUNTERSIGN_URL/);
    await nobody.end();
  });
});
