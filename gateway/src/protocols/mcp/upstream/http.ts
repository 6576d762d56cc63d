/**
 * An upstream over Streamable HTTP: one undici pool a caller, one exchange a message. Redirects are answers, never
 * followed (A26); the only credential is the permit's; an answer larger than allowed, or to another question, is none.
 */
import { createRequire } from 'node:module';
import type { Pool } from 'undici';
import type { UpstreamCredentials } from '../../protocol.ts';
import type { McpHttpConfig } from '../config.ts';
import { type Notification, type Request, type Response, writeMessage } from '../wire/message.ts';
import type { Hangup } from '../wire/reply.ts';
import { Exchange } from './exchange.ts';
import {
  type Cause,
  type Ending,
  type Incoming,
  type Link,
  type Listener,
  type Outgoing,
  patienceFor,
} from './link.ts';

const CONNECTIONS_MAX = 8192;

/** Of undici only its pool: with its caches, mocks, sockets and a second fetch the process weighs 10 MB more. */
const UndiciPool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof Pool;

/** Connections to one HTTP upstream; credentials stand in each request. */
export function createPool(config: McpHttpConfig): Pool {
  return new UndiciPool(new URL(config.url).origin, {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: config.connect_timeout_ms },
    keepAliveTimeout: 30_000,
    maxHeaderSize: 65_536,
  });
}

type HttpLinkOptions = {
  readonly pool: Pick<Pool, 'dispatch'>;
  readonly config: McpHttpConfig;
  readonly credentials: UpstreamCredentials;
  /** Told how each question ended. */
  readonly onEnding?: (ending: Ending) => void;
};

type Sending = {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Buffer | null;
  readonly timeout_ms: number;
};

export class HttpLink implements Link {
  readonly #options: HttpLinkOptions;
  readonly #path: string;
  readonly #closers: (() => void)[] = [];
  #session: { readonly [name: string]: string } = {};
  #credentials: UpstreamCredentials;
  closed = false;
  #notice: (method: string) => void = () => undefined;

  constructor(options: HttpLinkOptions) {
    this.#options = options;
    this.#credentials = options.credentials;
    const url = new URL(options.config.url);
    this.#path = url.pathname + url.search;
  }

  session(id: string | undefined, version: string): void {
    this.#session = {
      'mcp-protocol-version': version,
      ...(id === undefined ? {} : { 'mcp-session-id': id }),
    };
  }

  onNotice(listener: (method: string) => void): void {
    this.#notice = listener;
  }

  renew(credentials: UpstreamCredentials): boolean {
    this.#credentials = credentials;
    return true;
  }

  request(out: Outgoing<Request>, listener: Listener, hangup: Hangup): Promise<Ending> {
    if (hangup.aborted || this.closed)
      return Promise.resolve({ kind: 'lost', sent: false, cause: 'cancelled' });
    return new Promise((resolve) => {
      const { silence_ms, overall_ms } = patienceFor(out.message, this.#options.config);
      const overall =
        overall_ms === 0 ? undefined : setTimeout(() => exchange.giveUp('took_too_long'), overall_ms);
      const end = (ending: Ending): void => {
        clearTimeout(overall);
        if (ending.kind === 'lost' && GIVEN_UP.has(ending.cause) && ending.sent)
          this.#tellCancelled(out.message);
        this.#options.onEnding?.(ending);
        resolve(ending);
      };
      const exchange = new Exchange({
        id: out.message.id,
        listener,
        notice: this.#notice,
        resolve: end,
        bytes_max: this.#options.config.answer_bytes_max,
        hangup,
      });
      this.#dispatch(exchange, {
        method: 'POST',
        headers: { ...JSON_BODY, ...this.#session, ...out.headers },
        body: out.text,
        timeout_ms: silence_ms,
      });
    });
  }

  /** Hanging up is cancellation on 2026-07-28; before, it takes a word (2025-11-25 §cancellation). */
  #tellCancelled({ id, method }: Request): void {
    if (this.#session['mcp-protocol-version'] === undefined || method === 'initialize') return;
    const message: Notification = {
      kind: 'notification',
      method: 'notifications/cancelled',
      params: { requestId: id },
    };
    void this.post({ message, text: writeMessage(message), headers: {} });
  }

  async post(out: Outgoing<Notification | Response>): Promise<boolean> {
    const ending = await new Promise<Ending>((resolve) => {
      const exchange = new Exchange({
        id: undefined,
        listener: {},
        resolve,
        bytes_max: this.#options.config.answer_bytes_max,
        // Silence is one thing; a stream that goes on and on is another, and there is nothing to be said to this.
        hangup: AbortSignal.timeout(this.#options.config.connect_timeout_ms),
      });
      this.#dispatch(exchange, {
        method: 'POST',
        headers: { ...JSON_BODY, ...this.#session, ...out.headers },
        body: out.text,
        timeout_ms: this.#options.config.connect_timeout_ms,
      });
    });
    return ending.kind === 'refused' && ending.status >= 200 && ending.status < 300;
  }

  async listen(
    options: { readonly last_event_id?: string },
    listener: Listener & { response?(incoming: Incoming<Response>): void },
    signal: AbortSignal,
  ): Promise<boolean> {
    const headers = {
      accept: 'text/event-stream',
      ...this.#session,
      ...(options.last_event_id === undefined ? {} : { 'last-event-id': options.last_event_id }),
    };
    const ending = await new Promise<Ending>((resolve) => {
      const exchange = new Exchange({
        id: undefined,
        listener,
        notice: this.#notice,
        resolve,
        bytes_max: this.#options.config.answer_bytes_max,
        hangup: signal,
      });
      this.#dispatch(exchange, { method: 'GET', headers, body: null, timeout_ms: 0 });
    });
    return !(ending.kind === 'refused' && ending.status >= 300) && !(ending.kind === 'lost' && !ending.sent);
  }

  #dispatch(exchange: Exchange, { method, headers, body, timeout_ms }: Sending): void {
    const all = { ...headers, ...this.#credentials.headers };
    try {
      this.#options.pool.dispatch(
        {
          method,
          path: this.#path,
          headers: all,
          body,
          headersTimeout: timeout_ms,
          bodyTimeout: timeout_ms,
          blocking: false,
        },
        exchange,
      );
    } catch {
      exchange.onResponseError(undefined, new Error('closed'));
    }
  }

  onClose(listener: () => void): void {
    this.#closers.push(listener);
  }

  /** Ends the upstream's session, if it has one. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.#session['mcp-session-id'] !== undefined) {
      await new Promise<Ending>((resolve) => {
        const exchange = new Exchange({
          id: undefined,
          listener: {},
          resolve,
          bytes_max: 65_536,
          hangup: AbortSignal.timeout(this.#options.config.connect_timeout_ms),
        });
        this.#dispatch(exchange, {
          method: 'DELETE',
          headers: this.#session,
          body: null,
          timeout_ms: this.#options.config.connect_timeout_ms,
        });
      });
    }
    for (const closer of this.#closers.splice(0)) closer();
  }
}

/** The gateway hung up: the upstream may still be at it. */
const GIVEN_UP: ReadonlySet<Cause> = new Set(['cancelled', 'took_too_long']);

const JSON_BODY = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
