import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, it } from 'node:test';
import { modern } from '../../../../../../conformance/mcp/client.ts';
import { startTestGateway } from '../../../../../testing/mcp.ts';

/** Answers a call with a stream that could be resumed in an older revision, and ends it without an answer. */
const upstream = createServer((http, response) => {
  let text = '';
  http.on('data', (chunk) => {
    text += String(chunk);
  });
  http.on('end', () => {
    const { id, method } = JSON.parse(text) as { id: unknown; method: string };
    if (method === 'tools/call') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 1\ndata:\n\n');
      return;
    }
    const result = {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      tools: [{ name: 'echo', inputSchema: { type: 'object' } }],
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
const gateway = await startTestGateway({ upstreams: { broken: { url } } });
after(async () => {
  await gateway.close();
  upstream.closeAllConnections();
  upstream.close();
});

it('I9: a task whose answer broke off where nobody resumes it is recorded as unknown', async () => {
  const { door } = gateway;
  door.decide = ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow');
  const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const to = { url: gateway.url('broken'), token: 'agent-key', capabilities };
  const { reply } = await modern(to, 'tools/call', { name: 'echo', arguments: {} }).done;
  const taskId = String(reply?.result?.['taskId']);
  door.resolve(taskId, 'approved');
  await door.until(() => door.actions.at(-1)?.outcome?.status === 'unknown', 'recorded as unknown');
  const { reply: told } = await modern(to, 'tasks/get', { taskId }).done;
  assert.match(JSON.stringify(told?.result), /may have run/);
  assert.deepEqual(door.unfinished(), []);
});
