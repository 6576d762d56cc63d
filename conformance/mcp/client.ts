// A raw MCP client for what SDKs hide: it shows status, headers, every event as it comes, and hangs up on request.
// It validates nothing, so that a test can send what no honest client would.
import { request as httpRequest, type IncomingMessage } from 'node:http';

export type Rpc = {
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
};

export type Answer = {
  status: number;
  headers: IncomingMessage['headers'];
  /** Everything that came, in order: one message for JSON, each event of a stream. */
  messages: Rpc[];
  /** The message that answers the request, if one did. */
  reply: Rpc | undefined;
};

export type Exchange = {
  /** Resolves when the answer is complete or the connection is closed by either side. */
  done: Promise<Answer>;
  /** Resolves with the first message that fits. Rejects when the answer ends without one. */
  first(fits: (message: Rpc) => boolean): Promise<Rpc>;
  hangUp(): void;
};

export type Endpoint = { url: string; token?: string };
type Sent = { method?: 'POST' | 'GET' | 'DELETE'; headers?: Record<string, string>; body?: unknown };

export const MODERN = '2026-07-28';
const META = 'io.modelcontextprotocol/';
const ALL_CAPABILITIES = { sampling: {}, elicitation: {}, roots: { listChanged: true } };

let lastId = 0;

/** Sends one HTTP request and reads JSON or SSE as it arrives. */
export function send(to: Endpoint, { method = 'POST', headers = {}, body }: Sent): Exchange {
  const payload = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const answer: Answer = { status: 0, headers: {}, messages: [], reply: undefined };
  const waiting: { fits(message: Rpc): boolean; resolve(message: Rpc): void; reject(reason: Error): void }[] =
    [];
  const own = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined;
  const take = (message: Rpc) => {
    answer.messages.push(message);
    if (message.id === own && (message.result || message.error)) answer.reply = message;
    for (const entry of [...waiting]) if (entry.fits(message)) entry.resolve(message);
  };
  const outgoing = httpRequest(to.url, {
    method,
    agent: false,
    headers: { ...base(to, payload), ...headers },
  });
  const done = new Promise<Answer>((resolve, reject) => {
    outgoing.once('error', (error) => (answer.status === 0 ? reject(error) : resolve(answer)));
    outgoing.once('response', (response) => {
      answer.status = response.statusCode ?? 0;
      answer.headers = response.headers;
      read(response, take).then(
        () => resolve(answer),
        () => resolve(answer),
      );
    });
  });
  done
    .finally(() => {
      for (const entry of waiting) entry.reject(new Error('the answer ended first'));
    })
    .catch(() => undefined);
  outgoing.end(payload);
  const first = (fits: (message: Rpc) => boolean) =>
    new Promise<Rpc>((resolve, reject) => {
      const already = answer.messages.find(fits);
      if (already) resolve(already);
      else waiting.push({ fits, resolve, reject });
    });
  return { done, first, hangUp: () => outgoing.destroy() };
}

function base(to: Endpoint, payload: string): Record<string, string> {
  const accept = 'application/json, text/event-stream';
  const body =
    payload === ''
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) };
  return { accept, ...body, ...(to.token !== undefined && { authorization: `Bearer ${to.token}` }) };
}

async function read(response: IncomingMessage, take: (message: Rpc) => void): Promise<void> {
  response.setEncoding('utf8');
  const streamed = (response.headers['content-type'] ?? '').includes('text/event-stream');
  let buffered = '';
  for await (const part of response) {
    buffered += part;
    if (!streamed) continue;
    const events = buffered.split('\n\n');
    buffered = events.pop() ?? '';
    for (const event of events) parse(dataOf(event), take);
  }
  if (!streamed) parse(buffered, take);
}

function dataOf(event: string): string {
  return event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .join('\n');
}

function parse(text: string, take: (message: Rpc) => void): void {
  if (text === '') return;
  try {
    take(JSON.parse(text));
  } catch {
    // A broken answer is what some tests want to see: it simply yields no message.
  }
}

export type ModernOptions = {
  capabilities?: Record<string, unknown>;
  meta?: Record<string, unknown>;
  headers?: Record<string, string>;
};

const NAME_KEYS: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** One 2026-07-28 request, with headers and `_meta` as they must be, unless overridden. */
export function modern(
  to: Endpoint & ModernOptions,
  method: string,
  params: Record<string, unknown> = {},
): Exchange {
  lastId += 1;
  const key = NAME_KEYS[method];
  const _meta = {
    [`${META}protocolVersion`]: MODERN,
    [`${META}clientCapabilities`]: to.capabilities ?? ALL_CAPABILITIES,
    [`${META}clientInfo`]: { name: 'raw', version: '1' },
    ...to.meta,
  };
  const headers = {
    'mcp-protocol-version': MODERN,
    'mcp-method': method,
    ...(key !== undefined && { 'mcp-name': String(params[key]) }),
    ...to.headers,
  };
  return send(to, { headers, body: { jsonrpc: '2.0', id: lastId, method, params: { ...params, _meta } } });
}

export type LegacySession = {
  id: string;
  version: string;
  request(method: string, params?: Record<string, unknown>): Exchange & { id: number };
  notify(method: string, params?: Record<string, unknown>): Promise<Answer>;
  respond(id: string | number, result: Record<string, unknown>): Promise<Answer>;
  stream(last_event_id?: string): Exchange;
  end(): Promise<Answer>;
};

/** The first message of a 2025-11-25 session by itself, its answer whatever it is. */
export const initialize = (to: Endpoint): Exchange =>
  send(to, {
    body: {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      },
    },
  });

/** Opens a 2025-11-25 session; `session` reuses an id instead, to try to speak in another's name. */
export async function legacy(to: Endpoint, session?: string): Promise<LegacySession> {
  const version = '2025-11-25';
  let id = session ?? '';
  const headers = () => ({ 'mcp-protocol-version': version, ...(id !== '' && { 'mcp-session-id': id }) });
  const request = (method: string, params: Record<string, unknown> = {}) => {
    lastId += 1;
    const body = { jsonrpc: '2.0', id: lastId, method, params };
    return { ...send(to, { headers: headers(), body }), id: lastId };
  };
  const post = (body: object) => send(to, { headers: headers(), body: { jsonrpc: '2.0', ...body } }).done;
  const notify = (method: string, params: Record<string, unknown> = {}) => post({ method, params });
  if (session === undefined) {
    const clientInfo = { name: 'raw', version: '1' };
    const opened = await request('initialize', {
      protocolVersion: version,
      capabilities: ALL_CAPABILITIES,
      clientInfo,
    }).done;
    if (!opened.reply?.result)
      throw new Error(`initialize: HTTP ${opened.status} ${JSON.stringify(opened.reply)}`);
    id = String(opened.headers['mcp-session-id'] ?? '');
    await notify('notifications/initialized');
  }
  return {
    id,
    version,
    request,
    notify,
    respond: (to_id, result) => post({ id: to_id, result }),
    stream: (last) =>
      send(to, {
        method: 'GET',
        headers: { ...headers(), ...(last !== undefined && { 'last-event-id': last }) },
      }),
    end: () => send(to, { method: 'DELETE', headers: headers() }).done,
  };
}
