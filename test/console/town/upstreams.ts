/**
 * What the agents of the town act on: real MCP servers on loopback, built with the official SDK, whose tools look like
 * those of a company and change nothing but a journal. They must never be anything but upstreams in tests and pictures.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';

type Args = { readonly [name: string]: unknown };
type Tool = {
  readonly about: string;
  readonly kind: 'read' | 'write' | 'destructive';
  /** Name → JSON Schema type. */
  readonly takes: { readonly [name: string]: string };
  readonly answer: (args: Args) => string;
};
export type Tools = { readonly [name: string]: Tool };

export const SERVERS: { readonly [upstream: string]: Tools } = {
  warehouse: {
    list_tables: {
      about: 'Tables and how many rows they have',
      kind: 'read',
      takes: {},
      answer: () => 'customers 41208\norders 310442\nrefunds 902',
    },
    run_query: {
      about: 'Run one SQL statement',
      kind: 'destructive',
      takes: { sql: 'string', database: 'string' },
      answer: ({ sql }) => `OK, ${String(sql).length % 97} rows`,
    },
    export_table: {
      about: 'Write a table to a file and answer with where it is',
      kind: 'write',
      takes: { table: 'string', format: 'string', destination: 'string' },
      answer: ({ table, format }) => `s3://exports/${table}.${format}, contact ops@example.com`,
    },
  },
  payments: {
    show_charge: {
      about: 'One charge',
      kind: 'read',
      takes: { charge: 'string' },
      answer: ({ charge }) => JSON.stringify({ charge, amount: 4900, currency: 'EUR', card: '4242' }),
    },
    refund: {
      about: 'Give money back',
      kind: 'write',
      takes: { charge: 'string', amount: 'integer', note: 'string' },
      answer: ({ charge, amount }) => `refunded ${amount} of ${charge}`,
    },
  },
  cluster: {
    show_deployment: {
      about: 'What runs, and how much of it',
      kind: 'read',
      takes: { name: 'string' },
      answer: ({ name }) => `${name}: 3 of 3 ready, image 2026.11.20-4`,
    },
    rollout: {
      about: 'Deploy an image',
      kind: 'write',
      takes: { name: 'string', image: 'string', replicas: 'integer' },
      answer: ({ name, image }) => `${name} now runs ${image}`,
    },
    apply_manifest: {
      about: 'Make the cluster be as a manifest says',
      kind: 'write',
      takes: { manifest: 'object', command: 'array' },
      answer: () => 'applied',
    },
    delete_namespace: {
      about: 'Delete a namespace and all that is in it',
      kind: 'destructive',
      takes: { namespace: 'string' },
      answer: ({ namespace }) => `namespace ${namespace} deleted`,
    },
  },
};

export type Upstream = {
  readonly url: string;
  /** How often each tool ran here. */
  readonly ran: ReadonlyMap<string, number>;
  /** Changes what the server says of a tool from now on: drift. */
  redefine(tool: string, about: string): void;
  /** Calls of this tool take until the function that comes back is called. */
  stall(tool: string): () => void;
  close(): Promise<void>;
};

export async function startUpstream(name: string, tools: Tools): Promise<Upstream> {
  const ran = new Map<string, number>();
  const redefined = new Map<string, string>();
  const stalled = new Map<string, Promise<void>>();
  const create = (): McpServer => {
    const server = new McpServer({ name, version: '1.0.0' });
    for (const [tool, { about, kind, takes, answer }] of Object.entries(tools)) {
      const inputSchema = fromJsonSchema<Args>({
        type: 'object',
        properties: Object.fromEntries(Object.entries(takes).map(([key, type]) => [key, { type }])),
        additionalProperties: false,
      });
      const annotations = { readOnlyHint: kind === 'read', destructiveHint: kind === 'destructive' };
      const description = redefined.get(tool) ?? about;
      server.registerTool(tool, { description, inputSchema, annotations }, async (args) => {
        ran.set(tool, (ran.get(tool) ?? 0) + 1);
        await stalled.get(tool);
        return { content: [{ type: 'text', text: answer(args) }] };
      });
    }
    return server;
  };
  const handler = createMcpHandler(create);
  const listener = getRequestListener((request) => handler.fetch(request));
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    ran,
    redefine: (tool, about) => void redefined.set(tool, about),
    stall(tool) {
      const { promise, resolve } = Promise.withResolvers<void>();
      stalled.set(tool, promise);
      return resolve;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
