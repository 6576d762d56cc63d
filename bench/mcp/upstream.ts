// An upstream for benches, in a process of its own: built on the official SDK, one tool, as anyone would write it.
// It must not be made faster than a real one: the gateway is measured against it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

let reached: ((at: number) => void) | undefined;

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'bench', version: '1' });
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => {
    reached?.(performance.timeOrigin + performance.now());
    return { content: [{ type: 'text', text }] };
  });
  return server;
});

const server = createServer((http, response) => {
  void (async () => {
    const parts: Buffer[] = [];
    for await (const part of http) parts.push(part as Buffer);
    const headers = Object.entries(http.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const body = Buffer.concat(parts);
    const told = await handler.fetch(
      new Request(`http://localhost${http.url}`, { method: 'POST', headers, body }),
    );
    response.writeHead(told.status, Object.fromEntries(told.headers));
    response.end(Buffer.from(await told.arrayBuffer()));
  })();
});

reached = (at) => process.send?.({ reached: at });
server.listen(0, '127.0.0.1', () =>
  process.send?.({ ready: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }),
);
