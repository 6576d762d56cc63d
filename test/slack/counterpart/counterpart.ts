/**
 * Slack's cloud, which cannot be here: its Web API, Socket Mode, signed requests, and people with clients. Written from
 * Slack's public documentation, it refuses what Slack refuses; where that is not documented it is the stricter of what
 * could be. It knows nothing of the product.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Delivery, deliverOverHttp, deliverOverSockets, type Sockets } from './delivery.ts';
import { createGate, type Keys } from './gate.ts';
import { createLimits, type Limits } from './limits.ts';
import type { Answer, Fields, Home } from './methods.ts';
import { createTickets, type Tickets } from './tickets.ts';
import { acceptWebSocket } from './websocket.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

export type SlackOptions = {
  readonly transport: 'socket' | 'url';
  readonly now?: () => number;
  readonly scopes?: readonly string[];
  readonly enterprise?: { readonly id: string; readonly name: string };
  /** No limit on how often it is called, for tests that are not about it. */
  readonly unhurried?: boolean;
  /** What it calls itself, where it is reached by another name than its own address. */
  readonly named?: string;
};

type Down = 'refusing' | 'silent';
type Called = { readonly method: string; readonly fields: Fields; readonly answer: Answer };

export type Slack = Keys & {
  readonly api: string;
  /** On this machine. */
  readonly port: number;
  readonly app_id: string;
  readonly workspace: Workspace;
  readonly delivery: Delivery;
  readonly sockets: Sockets;
  readonly limits: Limits;
  /** `/channels/slack` of the gateway. */
  reachedAt(url: string): void;
  /** A response URL for something that just happened there. */
  responseUrl(user: string, channel: string): string;
  triggerFor(user: string): string;
  down(how: Down | undefined): void;
  /** The next such call is carried out, and its answer lost; `then`, before anything else happens. */
  loseNextAnswer(method: string, then?: () => void): void;
  /** Every call made, newest last. */
  readonly calls: readonly Called[];
  /** Everything that was ever sent here, as text. */
  sent(): string;
  close(): Promise<void>;
};

export const SCOPES = [
  'chat:write',
  'commands',
  'im:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'channels:history',
  'groups:history',
  'im:history',
];
const CONNECTIONS_MAX = 10;

/** What goes wrong, as tests ask for it. */
type Faults = {
  down: Down | undefined;
  lost: { readonly method: string; readonly then: () => void } | undefined;
};

type Inside = {
  readonly home: Home;
  readonly tickets: Tickets;
  readonly sockets: Sockets;
  readonly faults: Faults;
  readonly calls: Called[];
  readonly bodies: string[];
  readonly gate: ReturnType<typeof createGate>;
};

export async function startSlack(options: SlackOptions): Promise<Slack> {
  const { now = Date.now, scopes = SCOPES, enterprise, unhurried = false, named } = options;
  const token = (kind: string): string => `${kind}-1-${randomBytes(18).toString('hex')}`;
  const keys: Keys = {
    bot_token: token('xoxb'),
    app_token: token('xapp'),
    signing_secret: randomBytes(16).toString('hex'),
  };
  const workspace = createWorkspace('T0EXAMPLE', now);
  const limits = createLimits(now);
  const tickets = createTickets(workspace, now);
  const sockets = deliverOverSockets();
  let reached = '';
  let origin = '';
  const home: Home = {
    workspace,
    app_id: 'A0COUNTER',
    bot: { id: 'B0COUNTER', user: 'UBOT00001' },
    enterprise,
    now,
    trigger: (id) => tickets.trigger(id),
    openConnection: () =>
      `${origin.replace('http', 'ws')}/link/?ticket=${tickets.connection()}&app_id=A0COUNTER`,
  };
  workspace.users.set(home.bot.user, {
    id: home.bot.user,
    team_id: workspace.team_id,
    name: 'countersign',
    is_bot: true,
  });
  const inside: Inside = {
    home,
    tickets,
    sockets,
    faults: { down: undefined, lost: undefined },
    calls: [],
    bodies: [],
    gate: createGate({ home, keys, scopes, limits, unhurried }),
  };
  const { server, open } = serverOf(inside);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  origin = named ?? `http://127.0.0.1:${port}`;
  return {
    ...keys,
    api: `${origin}/api/`,
    port,
    app_id: home.app_id,
    workspace,
    delivery:
      options.transport === 'socket'
        ? sockets
        : deliverOverHttp({ url: () => reached, secret: keys.signing_secret, now }),
    sockets,
    limits,
    calls: inside.calls,
    reachedAt: (url) => {
      reached = url;
    },
    responseUrl: (user, channel) => `${origin}/actions/${tickets.responseFor(user, channel)}`,
    triggerFor: tickets.triggerFor,
    down(how) {
      inside.faults.down = how;
      if (how === undefined) return;
      for (const peer of sockets.peers()) peer.cut();
      if (how === 'refusing') for (const socket of open) socket.destroy();
    },
    loseNextAnswer: (method, then = () => undefined) => {
      inside.faults.lost = { method, then };
    },
    sent: () => inside.bodies.map(decoded).join('\n'),
    async close() {
      for (const peer of sockets.peers()) peer.cut();
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const decoded = (body: string): string => {
  try {
    return decodeURIComponent(body.replaceAll('+', ' '));
  } catch {
    return body; // no form
  }
};

function serverOf(inside: Inside): { readonly server: Server; readonly open: ReadonlySet<Socket> } {
  const { tickets, sockets, faults, home } = inside;
  const server = createServer((request, response) => void serve(inside, request, response));
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    if (faults.down === 'refusing') socket.destroy();
  });
  server.on('upgrade', (request, socket) => {
    const ticket = pathOf(request).searchParams.get('ticket') ?? '';
    if (faults.down !== undefined || !tickets.connects(ticket) || sockets.peers().length >= CONNECTIONS_MAX) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const peer = acceptWebSocket(request, socket, {
      message: (text) => sockets.heard(peer, text),
      closed: () => sockets.gone(peer),
    });
    sockets.add(peer);
    peer.send({
      type: 'hello',
      num_connections: sockets.peers().length,
      debug_info: { host: 'applink-1', build_number: 10, approximate_connection_time: 18_060 },
      connection_info: { app_id: home.app_id },
    });
  });
  return { server, open };
}

const pathOf = (request: IncomingMessage): URL => new URL(request.url ?? '/', 'http://slack.test');

async function serve(inside: Inside, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults, tickets } = inside;
  const body = await bodyOf(request);
  inside.bodies.push(body);
  if (faults.down === 'silent') return;
  const { pathname } = pathOf(request);
  if (pathname.startsWith('/actions/')) {
    const status = tickets.respond(pathname.slice('/actions/'.length), body);
    response.writeHead(status).end(status === 200 ? 'ok' : 'expired_url');
    return;
  }
  const method = pathname.slice('/api/'.length);
  const { authorization = '', 'content-type': type = '' } = request.headers;
  // JSON is not understood by methods that read, so it is by none here.
  const form = type.startsWith('application/x-www-form-urlencoded') ? body : '';
  const fields = Object.fromEntries(new URLSearchParams(form));
  const { status, answer, after } = inside.gate({ method, authorization, fields });
  inside.calls.push({ method, fields, answer });
  if (faults.lost?.method === method && answer.ok) {
    faults.lost.then();
    faults.lost = undefined;
    request.socket.destroy();
    return;
  }
  const retry = after === undefined ? {} : { 'retry-after': String(after) };
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...retry });
  response.end(JSON.stringify(answer));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
