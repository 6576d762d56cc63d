/** The upstream: an MCP server built on the official SDK, as its guide shows, with one tool that reads and one that writes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { answer } from './processes.ts';

const input = fromJsonSchema<{ text: string }>({
  type: 'object',
  properties: { text: { type: 'string' }, n: { type: 'integer' }, path: { type: 'string' } },
  required: ['text'],
});

function createEcho(): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  for (const [name, readOnlyHint] of [
    ['echo', true],
    ['write', false],
  ] as const) {
    server.registerTool(
      name,
      { description: `Says ${name}`, inputSchema: input, annotations: { readOnlyHint } },
      ({ text }) => ({ content: [{ type: 'text', text }] }),
    );
  }
  return server;
}

const handler = createMcpHandler(createEcho);
const listener = getRequestListener((request) => handler.fetch(request));
const arrived: bigint[] = [];
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  if (request.headers['mcp-name'] === 'write') arrived.push(process.hrtime.bigint());
  void listener(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const handlers = {
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
  /** When each call of `write` reached this process, on the machine's monotonic clock. */
  arrivals: () => arrived.splice(0),
};
export type UpstreamAnswers = typeof handlers;

answer(handlers, async () => {
  server.closeAllConnections();
  server.close();
});
