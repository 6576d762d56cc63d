import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, it } from 'node:test';
import { modern } from '../../../../../conformance/mcp/client.ts';
import { APART_CHARS } from '../../../../testing/fake-door.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';

/** Lists one page after another for ever, when asked for `endless`; answers a call with progress for ever. */
let pages = 0;
let hung_up = 0;
let endless = false;
const DRIP_MS = 20;

/** One word too large to be masked at once, then a small one, then the answer, all in one go. */
function say(id: unknown, response: ServerResponse): void {
  const word = (data: string) => ({
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level: 'info', data },
  });
  const large = word('x'.repeat(2 * APART_CHARS));
  const answer = { jsonrpc: '2.0', id, result: { resultType: 'complete', content: [] } };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(
    [large, word('small'), answer].map((message) => `data: ${JSON.stringify(message)}\n\n`).join(''),
  );
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let progress = 0;
  const timer = setInterval(() => {
    progress += 1;
    const params = { progressToken: 'p', progress };
    const message = { jsonrpc: '2.0', method: 'notifications/progress', params };
    response.write(`data: ${JSON.stringify(message)}\n\n`);
  }, DRIP_MS);
  response.once('close', () => {
    clearInterval(timer);
    hung_up += 1;
  });
}

const upstream = createServer((http, response) => {
  let text = '';
  http.on('data', (chunk) => {
    text += String(chunk);
  });
  http.on('end', () => {
    const { id, method, params } = JSON.parse(text) as {
      id: unknown;
      method: string;
      params?: { arguments?: { say?: boolean } };
    };
    if (method === 'tools/call') return params?.arguments?.say === true ? say(id, response) : drip(response);
    if (endless) pages += 1;
    const result = {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      tools: [{ name: 'echo', inputSchema: { type: 'object' } }],
      ...(endless && method === 'tools/list' ? { nextCursor: `page ${pages}` } : {}),
    };
    const answer = (): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    };
    return endless ? setTimeout(answer, DRIP_MS * 2) : answer();
  });
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
const gateway = await startTestGateway({
  upstreams: { drips: { url, call_timeout_ms: 300, call_ms_max: 700 }, pages: { url, call_timeout_ms: 300 } },
});
const { door } = gateway;
after(async () => {
  await gateway.close();
  upstream.closeAllConnections();
  upstream.close();
});

it('A21: progress starts the silence anew, but never call_ms_max: the call is hung up, as unknown (I8)', async () => {
  const to = { url: gateway.url('drips'), token: 'agent-key', meta: { progressToken: 'p' } };
  const { reply, messages } = await modern(to, 'tools/call', { name: 'echo', arguments: {} }).done;
  const told = messages.filter(({ method }) => method === 'notifications/progress').length;
  assert.ok(told * DRIP_MS > 300, `${told} words of progress outlast the silence allowed`);
  assert.match(JSON.stringify(reply?.result), /not done with it within call_ms_max\. It may have run/);
  assert.equal(door.actions.at(-1)?.outcome?.status, 'unknown');
  await door.until(() => hung_up === 1, 'hung up');
});

it('A21: a list that never ends is given up as a whole, though each page comes in time', async () => {
  endless = true;
  const to = { url: gateway.url('pages'), token: 'agent-key' };
  const { reply } = await modern(to, 'tools/call', { name: 'echo', arguments: {} }).done;
  assert.match(JSON.stringify(reply?.result), /did not say what tools it has/);
  // Fifty pages is the other bound: time was up first.
  assert.ok(pages > 1 && pages < 50, `${pages} pages`);
});

it('what takes a moment to be masked keeps its place: before what was said after it, and before the answer', async () => {
  endless = false;
  const meta = { 'io.modelcontextprotocol/logLevel': 'debug' };
  const to = { url: gateway.url('drips'), token: 'agent-key', meta };
  const { messages } = await modern(to, 'tools/call', { name: 'echo', arguments: { say: true } }).done;
  const said = messages.map(({ params, result }) =>
    result === undefined ? String(params?.['data']).length : 'answer',
  );
  assert.deepEqual(said, [2 * APART_CHARS, 'small'.length, 'answer']);
});

it('every permit of these tests ended once', async () => {
  await door.until(() => door.unfinished().length === 0, 'recorded');
});
