/** An MCP server (2025-11-25) with one tool, which counts what reaches it and answers, hangs, dies or lies as told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Behaviour = 'answers' | 'hangs' | 'dies mid-answer' | 'lies about the id' | 'speaks no JSON';

export type Upstream = {
  readonly url: string;
  /** Calls that reached it, whole. */
  readonly calls: string[];
  behaves: Behaviour;
  close(): Promise<void>;
};

type Rpc = {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { arguments?: object };
};

const TOOL = { name: 'write', description: 'Writes', inputSchema: { type: 'object' } };

const RESULTS: { readonly [method: string]: object } = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'counted', version: '1' },
  },
  'tools/list': { tools: [TOOL] },
  'tools/call': { content: [{ type: 'text', text: 'written' }] },
};

export async function startUpstream(): Promise<Upstream> {
  const hanging = new Set<ServerResponse>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(await text(request)) as Rpc;
    if (id === undefined) return void response.writeHead(202).end();
    const result = RESULTS[method];
    const reply = (by: unknown, body: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: by, ...body }));
    };
    if (result === undefined) return reply(id, { error: { code: -32601, message: 'Method not found' } });
    if (method !== 'tools/call') return reply(id, { result });
    upstream.calls.push(JSON.stringify(params?.arguments));
    switch (upstream.behaves) {
      case 'answers':
        return reply(id, { result });
      case 'lies about the id':
        return reply('another', { result });
      case 'speaks no JSON':
        response.writeHead(200, { 'content-type': 'application/json' });
        return void response.end('{"jsonrpc":"2.0","id":1,"id":2');
      case 'dies mid-answer':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"jsonrpc":');
        return void setImmediate(() => response.destroy());
      case 'hangs':
        hanging.add(response);
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const upstream: Upstream = {
    url: `http://127.0.0.1:${port}/mcp`,
    calls: [],
    behaves: 'answers',
    close: () =>
      new Promise((resolve) => {
        for (const response of hanging) response.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return upstream;
}
