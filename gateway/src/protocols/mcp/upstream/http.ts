/**
 * An upstream over Streamable HTTP: one undici pool an upstream, one exchange a message. Redirects are answers, never
 * followed (A26); the only credential is the permit's; an answer larger than allowed, or to another question, is none.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import type { UpstreamCredentials } from '../../protocol.ts';
import type { McpHttpConfig } from '../config.ts';
import { type Notification, type Request, type Response, writeMessage } from '../wire/message.ts';
import { SseDecoder, type SseEvent, SseTooLong } from '../wire/sse.ts';
import {
  type Cause,
  type Ending,
  type Incoming,
  isUnreadable,
  type Link,
  type Listener,
  type Outgoing,
  readIncoming,
} from './link.ts';

const DEPTH_MAX = 128;
const CONNECTIONS_MAX = 8192;

/** The connections of one HTTP upstream, over all agents; credentials stand in each request. */
export function createPool(config: McpHttpConfig): Pool {
  return new Pool(new URL(config.url).origin, {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: config.connect_timeout_ms },
    keepAliveTimeout: 30_000,
    maxHeaderSize: 65_536,
  });
}

type HttpLinkOptions = {
  readonly pool: Pool;
  readonly config: McpHttpConfig;
  readonly credentials: UpstreamCredentials;
};

export class HttpLink implements Link {
  readonly #options: HttpLinkOptions;
  readonly #path: string;
  readonly #closers: (() => void)[] = [];
  #session: { readonly [name: string]: string } = {};
  #credentials: UpstreamCredentials;
  closed = false;

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

  renew(credentials: UpstreamCredentials): boolean {
    this.#credentials = credentials;
    return true;
  }

  request(out: Outgoing<Request>, listener: Listener, signal: AbortSignal): Promise<Ending> {
    return new Promise((resolve) => {
      const end = (ending: Ending): void => {
        if (ending.kind === 'lost' && ending.cause === 'cancelled' && ending.sent)
          this.#tellCancelled(out.message);
        resolve(ending);
      };
      const exchange = new Exchange({
        id: out.message.id,
        listener,
        resolve: end,
        bytes_max: this.#options.config.answer_bytes_max,
        signal,
      });
      this.#dispatch(
        'POST',
        { ...JSON_BODY, ...this.#session, ...out.headers },
        out.text,
        exchange,
        this.#options.config.call_timeout_ms,
      );
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
        signal: new AbortController().signal,
      });
      this.#dispatch(
        'POST',
        { ...JSON_BODY, ...this.#session, ...out.headers },
        out.text,
        exchange,
        this.#options.config.connect_timeout_ms,
      );
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
        resolve,
        bytes_max: this.#options.config.answer_bytes_max,
        signal,
      });
      this.#dispatch('GET', headers, null, exchange, 0);
    });
    return !(ending.kind === 'refused' && ending.status >= 300) && !(ending.kind === 'lost' && !ending.sent);
  }

  #dispatch(
    method: 'POST' | 'GET' | 'DELETE',
    headers: { readonly [name: string]: string },
    body: string | Buffer | null,
    exchange: Exchange,
    timeout_ms: number,
  ): void {
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
          signal: AbortSignal.timeout(this.#options.config.connect_timeout_ms),
        });
        this.#dispatch('DELETE', this.#session, null, exchange, this.#options.config.connect_timeout_ms);
      });
    }
    for (const closer of this.#closers.splice(0)) closer();
  }
}

const JSON_BODY = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

type ExchangeOptions = {
  readonly id: string | number | undefined;
  readonly listener: Listener & { response?(incoming: Incoming<Response>): void };
  readonly resolve: (ending: Ending) => void;
  readonly bytes_max: number;
  readonly signal: AbortSignal;
};

/** One request and what comes back, as undici tells it. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #abort = (): void => this.#cancel();
  #controller: Dispatcher.DispatchController | undefined;
  #ended = false;
  #status = 0;
  #headers: { readonly [name: string]: string } = {};
  #mode: 'none' | 'json' | 'stream' = 'none';
  #parts: Buffer[] = [];
  #bytes = 0;
  #decoder: SseDecoder | undefined;
  #resumable = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', this.#abort, { once: true });
    if (options.signal.aborted) queueMicrotask(this.#abort);
  }

  #end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#options.resolve(ending);
  }

  /** Ends the exchange with `ending` and hangs up. */
  #stop(ending: Ending): void {
    this.#end(ending);
    this.#controller?.abort(new Error('ended by the gateway'));
  }

  #cancel(): void {
    // Before a connection is there, undici has sent nothing; from then on it may have.
    this.#stop({ kind: 'lost', sent: this.#controller !== undefined, cause: 'cancelled' });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(new Error('ended by the gateway'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = kept(headers);
    const type = String(headers['content-type'] ?? '')
      .split(';')[0]
      ?.trim()
      .toLowerCase();
    if (status >= 300 && status < 400) this.#refuse('redirected');
    else if (status === 401 || status === 403) this.#refuse('credential_refused');
    else if (type === 'text/event-stream' && status < 300) this.#startStream();
    else if (type === 'application/json') this.#mode = 'json';
  }

  #startStream(): void {
    this.#mode = 'stream';
    this.#decoder = new SseDecoder(this.#options.bytes_max);
    this.#options.listener.streaming?.();
  }

  #refuse(cause: Cause): void {
    this.#stop({ kind: 'refused', status: this.#status, cause });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#mode === 'stream') return this.#stream(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.bytes_max) this.#refuse('too_large');
    else if (this.#mode === 'json') this.#parts.push(chunk);
  }

  #stream(chunk: Buffer): void {
    try {
      for (const event of this.#decoder?.push(chunk) ?? []) if (!this.#ended) this.#event(event);
    } catch (error) {
      if (error instanceof SseTooLong) return this.#refuse('too_large');
      if (isUnreadable(error)) return this.#refuse('invalid_json');
      throw error;
    }
  }

  #event({ data, id, retry }: SseEvent): void {
    const at = { ...(id === undefined ? {} : { event_id: id }), ...(retry === undefined ? {} : { retry }) };
    if (id !== undefined) this.#resumable = true;
    const { listener } = this.#options;
    if (data === '') return listener.mark?.(at);
    const { message, text } = readIncoming(data, {
      bytes_max: this.#options.bytes_max,
      depth_max: DEPTH_MAX,
    });
    const incoming = { ...(text === undefined ? {} : { text }), ...at };
    if (message.kind !== 'response') return listener.message?.({ message, ...incoming });
    if (listener.response !== undefined) return listener.response({ message, ...incoming });
    this.#answer({ message, ...incoming }, true);
  }

  #answer(answer: Incoming<Response>, streamed: boolean): void {
    if (answer.message.id !== this.#options.id) return this.#refuse('wrong_id');
    const ending: Ending = {
      kind: 'answered',
      status: this.#status,
      answer,
      streamed,
      headers: this.#headers,
    };
    this.#end(ending);
  }

  onResponseEnd(): void {
    if (this.#ended) return;
    if (this.#mode === 'json' && this.#options.id !== undefined) return this.#json();
    if (this.#mode === 'stream' && this.#resumable) return this.#end({ kind: 'suspended' });
    if (this.#mode === 'stream' && this.#options.id !== undefined)
      return this.#end({ kind: 'lost', sent: true, cause: 'broke_off' });
    this.#end({
      kind: 'refused',
      status: this.#status,
      cause: this.#status >= 300 ? 'http_error' : 'not_mcp',
    });
  }

  #json(): void {
    try {
      const { message, text } = readIncoming(Buffer.concat(this.#parts).toString('utf8'), {
        bytes_max: this.#options.bytes_max,
        depth_max: DEPTH_MAX,
      });
      if (message.kind !== 'response')
        return this.#end({ kind: 'refused', status: this.#status, cause: 'not_mcp' });
      this.#answer(text === undefined ? { message } : { message, text }, false);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.#end({
        kind: 'refused',
        status: this.#status,
        cause: this.#status >= 300 ? 'http_error' : 'invalid_json',
      });
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    const sent = this.#controller !== undefined;
    const late = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    if (this.#mode === 'stream' && this.#resumable && !late) return this.#end({ kind: 'suspended' });
    this.#end({ kind: 'lost', sent, cause: late ? 'timed_out' : sent ? 'broke_off' : 'unreachable' });
  }
}

/** The only headers of an upstream the gateway reads. */
function kept(headers: IncomingHttpHeaders): { readonly [name: string]: string } {
  const id = headers['mcp-session-id'];
  return typeof id === 'string' && /^[\x21-\x7e]{1,1024}$/.test(id) ? { 'mcp-session-id': id } : {};
}
