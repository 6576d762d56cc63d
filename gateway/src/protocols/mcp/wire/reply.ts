/**
 * One HTTP answer to a caller: a single JSON body, or a stream of events ending with the answer. It never sends twice,
 * never sends after the caller left, and cuts off a caller too slow to read (I15).
 */
import type { ServerResponse } from 'node:http';
import { type RpcId, type WireError, writeWireError } from './message.ts';
import { type SseEvent, writeEvent } from './sse.ts';

/** A caller this far behind is gone. */
const UNREAD_BYTES_MAX = 32 * 1024 * 1024;
export const KEEPALIVE_MS = 15_000;

/** As much of an `AbortSignal` as a link needs: whoever awaits an answer may be one without making one. */
export type Hangup = {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

/** Whether somebody is there to be answered. */
export type Presence = {
  readonly left: boolean;
  /** Aborts when they leave. */
  readonly hangup: Hangup;
  /** The same, where it must be a real one. Made when first asked for: it weighs as much as a call that waits. */
  readonly signal: AbortSignal;
  /** Called at once when they have left already. */
  onLeave(listener: () => void): void;
};

/** Of a caller who leaves by another way than closing the stream. */
export const presenceOf = (signal: AbortSignal): Presence => ({
  get left() {
    return signal.aborted;
  },
  hangup: signal,
  signal,
  onLeave(listener) {
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  },
});

const NOTHING = Object.freeze({});

export class Reply implements Presence, Hangup {
  readonly #http: ServerResponse;
  readonly #headers: { readonly [name: string]: string };
  #state: 'fresh' | 'streaming' | 'ended' = 'fresh';
  #keepalive: NodeJS.Timeout | undefined;
  #left = false;
  /** The request being answered: errors found later carry its id. */
  id: RpcId | null = null;
  /** Is the caller still who it was? Asked while a stream is open, because its credential may be revoked meanwhile. */
  welcome: () => boolean = () => true;
  /** Nearly always one: an array that has room for more weighs as much as all of this. */
  #leaving: readonly (() => void)[] = [];
  #signal: AbortSignal | undefined;
  #telling: Promise<void> | undefined;
  #progress = Number.NEGATIVE_INFINITY;

  constructor(http: ServerResponse, headers: { readonly [name: string]: string } = NOTHING) {
    this.#http = http;
    this.#headers = headers;
    http.on('close', () => {
      clearInterval(this.#keepalive);
      if (this.#state === 'ended') return;
      this.#state = 'ended';
      this.#left = true;
      const leaving = this.#leaving;
      this.#leaving = [];
      for (const leave of leaving) leave();
    });
    http.on('error', () => undefined); // A caller that left mid-write; 'close' follows and says so.
  }

  /** The caller closed the connection before it had its answer. */
  get left(): boolean {
    return this.#left;
  }

  get streaming(): boolean {
    return this.#state === 'streaming';
  }

  onLeave(listener: () => void): void {
    if (this.#left) listener();
    else this.#leaving = [...this.#leaving, listener];
  }

  get hangup(): Hangup {
    return this;
  }
  get aborted(): boolean {
    return this.#left;
  }
  addEventListener(_abort: 'abort', listener: () => void): void {
    this.#leaving = [...this.#leaving, listener];
  }
  removeEventListener(_abort: 'abort', listener: () => void): void {
    this.#leaving = this.#leaving.filter((each) => each !== listener);
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const leaving = new AbortController();
      this.onLeave(() => leaving.abort());
      this.#signal = leaving.signal;
    }
    return this.#signal;
  }

  /** Opens the event stream for a long wait, and says why. What the request brought is let go of, its key among it. */
  wait(comment: string): void {
    this.stream();
    this.comment(comment);
    const { req } = this.#http;
    req.headers = NOTHING;
    req.headersDistinct = NOTHING;
    req.rawHeaders = [];
  }

  /** Opens the event stream, with a comment every {@link KEEPALIVE_MS} from now on. */
  stream(): void {
    if (this.#state !== 'fresh') return;
    this.#state = 'streaming';
    this.#http.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...this.#headers,
    });
    this.#http.flushHeaders();
    this.#keepalive = setInterval(() => this.beat(), KEEPALIVE_MS);
    this.#keepalive.unref();
  }

  event(event: SseEvent): void {
    this.stream();
    this.#write(writeEvent(event));
  }

  /** An event that may not be ready yet. What is told after it waits for it; one that never gets ready cuts the caller off. */
  tell(event: SseEvent | Promise<SseEvent | undefined>): void {
    if (this.#telling === undefined && !(event instanceof Promise)) {
      this.event(event);
      return;
    }
    const telling = Promise.all([event, this.#telling])
      .then(([ready]) => {
        if (ready !== undefined) this.event(ready);
      })
      .catch(() => this.cut())
      .finally(() => {
        if (this.#telling === telling) this.#telling = undefined;
      });
    this.#telling = telling;
  }

  /** Resolves when all that was told so far is written; undefined when it is already. */
  told(): Promise<void> | undefined {
    return this.#telling;
  }

  /** False when the caller was told as much already: progress must grow, over a hold and the run after it. */
  progressed(value: number): boolean {
    if (value <= this.#progress) return false;
    this.#progress = value;
    return true;
  }

  /** Keeps the stream alive for a caller that is still welcome, and cuts off one that is not. */
  beat(): void {
    if (this.welcome()) this.comment('waiting');
    else this.cut();
  }

  comment(text: string): void {
    if (this.#state === 'streaming') this.#write(`: ${text}\n\n`);
  }

  #write(text: string): void {
    if (this.#state !== 'streaming') return;
    this.#http.write(text);
    if (this.#http.writableLength > UNREAD_BYTES_MAX) this.#http.destroy();
  }

  /** The final answer: as JSON, or as the stream's last event. `then` runs once it has left this process. */
  answer(
    text: string,
    {
      status = 200,
      id,
      headers,
      then,
    }: {
      status?: number;
      id?: string;
      headers?: { readonly [name: string]: string };
      then?: () => void;
    } = {},
  ): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'streaming') {
      this.#write(writeEvent({ data: text, ...(id === undefined ? {} : { id }) }));
      this.end(then);
      return;
    }
    this.#state = 'ended';
    const length = Buffer.byteLength(text);
    this.#http.writeHead(status, {
      'content-type': 'application/json',
      'content-length': length,
      ...this.#headers,
      ...headers,
    });
    this.#http.end(text, then);
  }

  /** A status with no body: 202 for a notification, 200 for an ended session. */
  bare(status: number, headers: { readonly [name: string]: string } = {}): void {
    if (this.#state !== 'fresh') return;
    this.#state = 'ended';
    this.#http.writeHead(status, { ...this.#headers, ...headers }).end();
  }

  refuse(error: WireError): void {
    const text = writeWireError(error, this.id);
    if (this.#state === 'streaming') {
      this.answer(text);
      return;
    }
    if (this.#state !== 'fresh') return;
    this.#state = 'ended';
    this.#http
      .writeHead(error.status, { 'content-type': 'application/json', ...this.#headers, ...error.headers })
      .end(text);
  }

  end(then?: () => void): void {
    if (this.#state === 'ended') return;
    clearInterval(this.#keepalive);
    if (this.#state === 'fresh') this.stream();
    clearInterval(this.#keepalive);
    this.#state = 'ended';
    this.#http.end(then);
  }

  /** Cuts the connection: the caller counts as having left. */
  cut(): void {
    clearInterval(this.#keepalive);
    this.#http.destroy();
  }
}
