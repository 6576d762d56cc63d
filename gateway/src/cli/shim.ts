/**
 * `countersign mcp <upstream>`: a stdio server for clients that can only start a command. It carries messages between
 * standard input and output and the gateway's `/mcp/<upstream>`, in whichever revision the client speaks. It decides
 * nothing, keeps nothing but the session, and prints nothing to stdout that is not a message.
 */
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { isJsonObject, type JsonObject } from '@countersign/core';
import { createPool, HttpLink } from '../protocols/mcp/upstream/http.ts';
import { LineReader } from '../protocols/mcp/upstream/lines.ts';
import { CAUSES, type Ending, type Incoming, type Listener } from '../protocols/mcp/upstream/link.ts';
import { META, mirroredParams, modernHeaders } from '../protocols/mcp/wire/headers.ts';
import {
  CODE,
  type Message,
  type Notification,
  type Request,
  type Response,
  type RpcId,
  readMessage,
  WireError,
  writeAnswer,
  writeMessage,
  writeWireError,
} from '../protocols/mcp/wire/message.ts';
import type { UpstreamCredentials } from '../protocols/protocol.ts';

export type ShimOptions = {
  /** The gateway's `/mcp/<upstream>`. */
  readonly url: string;
  /** An agent key, or the workload token as it is now: a platform replaces it long before a client is done. */
  readonly token: () => string;
  readonly stdin: Readable;
  readonly stdout: Writable;
};

const LIMITS = { bytes_max: 67_108_864, depth_max: 512 };
/** The gateway speaks at least every 15 seconds on a call that waits. */
const SILENCE_MS = 600_000;
/** The gateway bounds each call itself, and a held one by its own wait besides. */
const CALL_MS_MAX = 2 ** 31 - 1;

/** Resolves when the client closes standard input and everything under way is ended. */
export async function runShim(options: ShimOptions): Promise<void> {
  const shim = new Shim(options);
  const lines = new LineReader(
    LIMITS.bytes_max,
    (line) => shim.take(line),
    () =>
      shim.say(
        writeWireError(new WireError('The message is too long', { status: 413, code: CODE.invalid_request })),
      ),
  );
  options.stdin.on('data', (chunk: Buffer) => lines.push(chunk));
  // A client that dies closes the pipe with an error as often as with an end: both end the session.
  await finished(options.stdin, { writable: false }).catch(() => undefined);
  await shim.close();
}

class Shim {
  readonly #options: ShimOptions;
  readonly #pool;
  readonly #config;
  readonly #calls = new Map<RpcId, AbortController>();
  readonly #mirrored = new Map<string, ReturnType<typeof mirroredParams>>();
  readonly #over = new AbortController();
  #link: HttpLink;
  /** The client's `initialize`, kept to open a new session when the gateway no longer knows the old one. */
  #opening: Request | undefined;

  constructor(options: ShimOptions) {
    this.#options = options;
    this.#config = {
      url: options.url,
      headers: {},
      scopes: [],
      call_timeout_ms: SILENCE_MS,
      call_ms_max: CALL_MS_MAX,
      connect_timeout_ms: 30_000,
      answer_bytes_max: LIMITS.bytes_max,
    };
    this.#pool = createPool(this.#config);
    this.#link = this.#newLink();
  }

  #newLink(): HttpLink {
    return new HttpLink({ pool: this.#pool, config: this.#config, credentials: this.#credentials() });
  }

  #credentials(): UpstreamCredentials {
    return { headers: { authorization: `Bearer ${this.#options.token()}` }, env: {} };
  }

  say(text: string): void {
    this.#options.stdout.write(`${text.includes('\n') ? JSON.stringify(JSON.parse(text)) : text}\n`);
  }

  take(line: string): void {
    if (line.trim() === '') return;
    this.#link.renew(this.#credentials());
    let message: Message;
    try {
      message = readMessage(line, LIMITS);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.say(writeWireError(error));
      return;
    }
    if (message.kind === 'request') void this.#request(message);
    else if (message.kind === 'notification') void this.#notify(message);
    else void this.#link.post({ message, text: writeMessage(message), headers: {} });
  }

  async #request(request: Request): Promise<void> {
    const controller = new AbortController();
    this.#calls.set(request.id, controller);
    try {
      const ending = await this.#send(request, controller.signal);
      // A call taken back gets no answer.
      if (!controller.signal.aborted) this.#answer(request, ending);
    } finally {
      this.#calls.delete(request.id);
    }
  }

  async #send(request: Request, signal: AbortSignal, retried = false): Promise<Ending> {
    const modern = isModern(request);
    if (request.method === 'initialize') this.#opening = request;
    if (modern && request.method === 'tools/call') await this.#learn(request);
    const name = request.params['name'];
    const mirrored = typeof name === 'string' ? this.#mirrored.get(name) : undefined;
    const headers = modern ? modernHeaders(request.method, request.params, mirrored) : {};
    let at: string | undefined;
    const listener: Listener = {
      mark: ({ event_id }) => (at = event_id ?? at),
      message: (incoming) => {
        at = incoming.event_id ?? at;
        this.say(textOf(incoming));
      },
    };
    const ending = await this.#link.request(
      { message: request, text: writeMessage(request), headers },
      listener,
      signal,
    );
    if (ending.kind === 'suspended' && at !== undefined) return this.#resume(request, at, signal);
    const lost =
      !modern && (ending.kind === 'answered' || ending.kind === 'refused') && ending.status === 404;
    // An unknown session ran nothing, so the same call may be sent in a new one.
    if (
      lost &&
      !retried &&
      this.#opening !== undefined &&
      request.method !== 'initialize' &&
      (await this.#reopen(this.#opening))
    )
      return this.#send(request, signal, true);
    if (request.method === 'initialize' && ending.kind === 'answered') this.#opened(this.#link, ending);
    return ending;
  }

  #opened(link: HttpLink, { headers, answer }: Ending & { kind: 'answered' }): void {
    const { result } = answer.message;
    const version = isJsonObject(result) ? result['protocolVersion'] : undefined;
    if (typeof version === 'string') link.session(headers['mcp-session-id'], version);
    this.#link = link;
  }

  async #reopen(opening: Request): Promise<boolean> {
    const link = this.#newLink();
    const again: Request = { ...opening, id: 'countersign-shim-reopen' };
    const out = { message: again, text: writeMessage(again), headers: {} };
    const ending = await link.request(out, {}, this.#over.signal);
    if (ending.kind !== 'answered' || ending.answer.message.error !== undefined) return false;
    this.#opened(link, ending);
    await this.#notify({ kind: 'notification', method: 'notifications/initialized', params: {} });
    return true;
  }

  /** The rest of a stream that broke off, up to the answer. */
  async #resume(request: Request, last_event_id: string, signal: AbortSignal): Promise<Ending> {
    const found = Promise.withResolvers<Incoming<Response>>();
    const stop = AbortSignal.any([signal, this.#over.signal]);
    const listener = {
      message: (incoming: Incoming<Request | Notification>) => this.say(textOf(incoming)),
      response: (incoming: Incoming<Response>) => {
        if (incoming.message.id === request.id) found.resolve(incoming);
        else this.say(textOf(incoming));
      },
    };
    const ended = this.#link.listen({ last_event_id }, listener, stop).then(() => undefined);
    const answer = await Promise.race([found.promise, ended]);
    if (answer === undefined) return { kind: 'lost', sent: true, cause: 'broke_off' };
    return { kind: 'answered', status: 200, answer, streamed: true, headers: {} };
  }

  #answer(request: Request, ending: Ending): void {
    if (ending.kind === 'answered') {
      this.#remember(request.method, ending.answer.message.result);
      this.say(textOf(ending.answer));
      return;
    }
    const cause = ending.kind === 'suspended' ? 'broke_off' : ending.cause;
    const why = reasonOf(cause, this.#options.url);
    this.say(
      writeAnswer(request.id, { error: { code: CODE.internal_error, message: `Countersign: ${why}` } }),
    );
  }

  /** Mirrored arguments must be known before a call of revision 2026-07-28 is sent (SEP-2243). */
  async #learn({ params }: Request): Promise<void> {
    const name = params['name'];
    if (typeof name !== 'string' || this.#mirrored.has(name)) return;
    const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
    const { progressToken: _token, ...talk } = meta;
    const list: Request = {
      kind: 'request',
      id: 'countersign-shim-list',
      method: 'tools/list',
      params: { _meta: talk },
    };
    const out = { message: list, text: writeMessage(list), headers: modernHeaders(list.method, list.params) };
    const ending = await this.#link.request(out, {}, this.#over.signal);
    if (ending.kind === 'answered') this.#remember('tools/list', ending.answer.message.result);
  }

  #remember(method: string, result: unknown): void {
    const tools =
      method === 'tools/list' && typeof result === 'object' && result !== null && 'tools' in result
        ? result.tools
        : [];
    if (!Array.isArray(tools)) return;
    for (const tool of tools as JsonObject[])
      if (typeof tool['name'] === 'string')
        this.#mirrored.set(tool['name'], mirroredParams(tool['inputSchema']));
  }

  async #notify(message: Notification): Promise<void> {
    const { requestId } = message.params;
    const call =
      message.method === 'notifications/cancelled' &&
      (typeof requestId === 'string' || typeof requestId === 'number')
        ? this.#calls.get(requestId)
        : undefined;
    // Hanging up is the cancellation of the newer revision; the link tells the older one in words.
    if (call !== undefined) call.abort();
    else await this.#link.post({ message, text: writeMessage(message), headers: {} });
    if (message.method === 'notifications/initialized') void this.#listen();
  }

  /** What belongs to no call: open for as long as the session, opened again when it ends. */
  async #listen(): Promise<void> {
    const link = this.#link;
    let at: string | undefined;
    const listener = {
      mark: ({ event_id }: { event_id?: string }) => (at = event_id ?? at),
      message: (incoming: Incoming<Request | Notification>) => {
        at = incoming.event_id ?? at;
        this.say(textOf(incoming));
      },
      response: (incoming: Incoming<Response>) => this.say(textOf(incoming)),
    };
    while (!this.#over.signal.aborted && link === this.#link) {
      const had = await link.listen(
        at === undefined ? {} : { last_event_id: at },
        listener,
        this.#over.signal,
      );
      if (!had) return;
      await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
    }
  }

  async close(): Promise<void> {
    this.#over.abort();
    for (const call of this.#calls.values()) call.abort();
    await this.#link.close();
    await this.#pool.destroy();
  }
}

const textOf = ({ text, message }: Incoming): string => text ?? writeMessage(message);

function isModern({ params }: Request): boolean {
  const meta = params['_meta'];
  return isJsonObject(meta) && meta[`${META}protocolVersion`] !== undefined;
}

type Cause = Exclude<Ending, { kind: 'answered' | 'suspended' }>['cause'];

/** Read by a person in another program's log, who may not know where this one looks for the gateway. */
function reasonOf(cause: Cause, url: string): string {
  const { origin } = new URL(url);
  if (cause === 'unreachable')
    return `no gateway answers at ${origin}; start it there (countersign serve), or name the right one with --url or COUNTERSIGN_URL`;
  if (cause === 'credential_refused')
    return `the gateway at ${origin} refused the agent key or token; make a key with: countersign agents new-key NAME, or ask its operator, who finds in its log why a token was not taken`;
  return `${CAUSES[cause].replace('the upstream', 'the gateway')} (${origin})`;
}
