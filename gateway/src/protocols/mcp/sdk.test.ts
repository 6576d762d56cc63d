import assert from 'node:assert/strict';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { startTestGateway } from '../../../testing/mcp.ts';

// Servers and clients of the official SDKs, in every pairing that shares a revision.
const answer = ({ text }: { text: string }) => ({
  content: [{ type: 'text' as const, text: `said ${text}` }],
  structuredContent: { said: text },
});
const shape = { inputSchema: { text: z.string() }, outputSchema: { said: z.string() } };

const listen = async (server: HttpServer): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
};

/** A v1 server, one transport a session, as its documentation shows. */
function serverV1(): HttpServer {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  return createServer((http, response) => {
    const known = transports.get(String(http.headers['mcp-session-id']));
    void (async () => {
      const transport =
        known ??
        new StreamableHTTPServerTransport({
          sessionIdGenerator: () => crypto.randomUUID(),
          onsessioninitialized: (id) => void transports.set(id, transport),
        });
      if (known === undefined) {
        const server = new ServerV1({ name: 'v1', version: '1' });
        server.registerTool('say', shape, answer);
        await server.connect(transport as Parameters<ServerV1['connect']>[0]);
      }
      await transport.handleRequest(http, response);
    })();
  });
}

function serverV2(): HttpServer {
  const handler = createMcpHandler(() => {
    const server = new ServerV2({ name: 'v2', version: '1' });
    server.registerTool(
      'say',
      { inputSchema: z.object(shape.inputSchema), outputSchema: z.object(shape.outputSchema) },
      answer,
    );
    return server;
  });
  return createServer((http, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of http) parts.push(part as Buffer);
      const url = `http://${http.headers.host}${http.url}`;
      const headers = Object.entries(http.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const method = http.method ?? 'GET';
      const told = await handler.fetch(
        new Request(url, { method, headers, ...(method === 'POST' ? { body: Buffer.concat(parts) } : {}) }),
      );
      response.writeHead(told.status, Object.fromEntries(told.headers));
      response.end(Buffer.from(await told.arrayBuffer()));
    })();
  });
}

const servers = { v1: serverV1(), v2: serverV2() };
const gateway = await startTestGateway({
  upstreams: { v1: { url: await listen(servers.v1) }, v2: { url: await listen(servers.v2) } },
});
const { door } = gateway;
after(async () => {
  await gateway.close();
  for (const server of Object.values(servers)) {
    server.closeAllConnections();
    server.close();
  }
});

const requestInit = { headers: { Authorization: 'Bearer agent-key' } };
const call = { name: 'say', arguments: { text: 'hello' } };
type Connected = {
  version: string | undefined;
  tools(): Promise<string[]>;
  call(): Promise<unknown>;
  close(): Promise<void>;
};

const clients: { readonly [name: string]: (upstream: string) => Promise<Connected> } = {
  'v1 client': async (upstream) => {
    const client = new ClientV1({ name: 't', version: '1' });
    const transport = new TransportV1(new URL(gateway.url(upstream)), { requestInit });
    await client.connect(transport as Parameters<ClientV1['connect']>[0]);
    return {
      version: transport.protocolVersion,
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: () => client.callTool(call),
      close: () => client.close(),
    };
  },
  ...Object.fromEntries(
    (['legacy', 'auto'] as const).map((mode) => [
      `v2 client, ${mode}`,
      async (upstream: string) => {
        const client = new ClientV2(
          { name: 't', version: '1' },
          mode === 'auto' ? { versionNegotiation: { mode } } : {},
        );
        await client.connect(new TransportV2(new URL(gateway.url(upstream)), { requestInit }));
        return {
          version: client.getNegotiatedProtocolVersion(),
          tools: async () => (await client.listTools()).tools.map(({ name }) => name),
          call: () => client.callTool(call),
          close: () => client.close(),
        };
      },
    ]),
  ),
};

const pairs = [
  ['v1 client', 'v1', '2025-11-25'],
  ['v1 client', 'v2', '2025-11-25'],
  ['v2 client, legacy', 'v1', '2025-11-25'],
  ['v2 client, auto', 'v1', '2025-11-25'],
  ['v2 client, auto', 'v2', '2026-07-28'],
] as const;

describe('official clients and servers', () => {
  for (const [client, upstream, version] of pairs) {
    it(`${client} and a ${upstream} server speak ${version}`, async () => {
      door.decide = () => 'allow';
      gateway.settings.hold_wait_ms = 50_000;
      const connected = await clients[client]?.(upstream);
      assert.ok(connected);
      assert.equal(connected.version, version);
      assert.deepEqual(await connected.tools(), ['say', 'approval_wait']);
      assert.match(JSON.stringify(await connected.call()), /said hello/);

      door.decide = ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow');
      const held = connected.call();
      await door.until(() => door.waiting === 1, 'held');
      door.resolve(door.pending[0]?.id ?? '', 'approved');
      assert.match(JSON.stringify(await held), /said hello/);

      // The tool declares an output schema, so a pending answer must not carry structured content: these clients would throw.
      gateway.settings.hold_wait_ms = 1;
      const pending = JSON.stringify(await connected.call());
      assert.match(pending, /has not run/);
      door.resolve(door.pending[0]?.id ?? '', 'denied');
      await connected.close();
    });
  }
});

it('every permit of these tests ended once', async () => {
  await door.until(() => door.unfinished().length === 0, 'recorded');
});
