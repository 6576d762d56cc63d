/** A gateway of this one protocol for its tests and benches: a real HTTP server, the fake door, pins that accept what is seen. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@countersign/core';
import { createContacts } from '../src/protocols/contacts.ts';
import { configDigest, type Upstream } from '../src/protocols/mcp/binding.ts';
import { type McpUpstreamConfig, mcpUpstreamSchema } from '../src/protocols/mcp/config.ts';
import type { McpDeps } from '../src/protocols/mcp/deps.ts';
import { createMcpHandler } from '../src/protocols/mcp/mcp.ts';
import type { AcceptedPin, Pins, SeenTool, ToolClass } from '../src/protocols/mcp/tools/pins.ts';
import { FakeDoor, type FakeDoorOptions } from './fake-door.ts';

export type FakePins = Pins & {
  readonly seen: SeenTool[];
  accept(upstream: string, tool: SeenTool, as?: ToolClass): void;
};

/** `trusting` accepts the first definition it sees of each tool, as `init` does; later ones stay quarantined. */
export function createFakePins(trusting = true): FakePins {
  const pins = new Map<string, AcceptedPin>();
  const seen: SeenTool[] = [];
  const accept = (upstream: string, { tool, pin, definition }: SeenTool, as: ToolClass = 'read'): void => {
    pins.set(`${upstream}\n${tool}`, { pin, class: as, definition });
  };
  return {
    seen,
    accept,
    accepted: (upstream, tool) => pins.get(`${upstream}\n${tool}`),
    see: (upstream, tools) => {
      for (const tool of tools) {
        if (!seen.some((each) => each.pin === tool.pin)) seen.push(tool);
        if (trusting && !pins.has(`${upstream}\n${tool.tool}`)) accept(upstream, tool);
      }
      return Promise.resolve();
    },
  };
}

export type TestGatewayOptions = {
  readonly upstreams: {
    readonly [id: string]: Partial<McpUpstreamConfig> &
      ({ readonly url: string } | { readonly command: readonly string[] });
  };
  readonly door?: FakeDoorOptions | FakeDoor;
  readonly trusting?: boolean;
  readonly hold_wait_ms?: number;
  readonly asksReason?: McpDeps['asksReason'];
  readonly contacts?: McpDeps['contacts'];
  readonly limits?: Partial<McpDeps['limits']>;
  /** The official suite cannot send a token: its requests get this one. */
  readonly bearer?: string;
};

export type TestGateway = {
  readonly door: FakeDoor;
  readonly pins: FakePins;
  readonly logged: string[];
  /** Changed by a test to hold longer or shorter. */
  settings: { hold_wait_ms: number };
  url(upstream: string): string;
  /** As a reload of the configuration does. */
  configure(upstream: string, given: TestGatewayOptions['upstreams'][string]): void;
  close(): Promise<void>;
};

export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const door = options.door instanceof FakeDoor ? options.door : new FakeDoor(options.door);
  const pins = createFakePins(options.trusting);
  const logged: string[] = [];
  const settings = { hold_wait_ms: options.hold_wait_ms ?? 50_000 };
  const log = (fields: object, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const upstreams = new Map<string, Upstream>();
  const configure: TestGateway['configure'] = (id, given) => {
    const config = mcpUpstreamSchema.parse(given);
    const digest = configDigest(given as unknown as JsonObject);
    upstreams.set(id, { id, env: 'dev', config, digest });
  };
  for (const [id, given] of Object.entries(options.upstreams)) configure(id, given);
  const handler = createMcpHandler({
    admit: door.admit,
    upstream: (id) => upstreams.get(id),
    pins,
    asksReason: options.asksReason ?? (() => false),
    contacts: options.contacts ?? createContacts(() => Date.now()),
    authorization: () => ({ servers: [], proof_algorithms: ['ES256'] }),
    holdWait: () => settings.hold_wait_ms,
    public_url: 'http://localhost:7070',
    limits: {
      body_bytes_max: 4_194_304,
      json_depth_max: 64,
      held_calls_max: 4_000,
      processes_max: 256,
      tasks_max: 10_000,
      ...options.limits,
    },
    log: { info: log, warn: log, error: log },
    now: Date.now,
  });
  const server: Server = createServer((http, response) => {
    if (options.bearer !== undefined) http.headers.authorization ??= `Bearer ${options.bearer}`;
    if (!handler.handle(http, response)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    door,
    pins,
    logged,
    settings,
    configure,
    url: (upstream) => `http://localhost:${port}/mcp/${upstream}`,
    close: async () => {
      await handler.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
