/** One HTTP exchange with an upstream, as undici tells it: JSON or a stream of events, bounded, cancellable, ended once. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Response } from '../wire/message.ts';
import type { Hangup } from '../wire/reply.ts';
import { SseDecoder, type SseEvent, SseTooLong } from '../wire/sse.ts';
import { type Cause, type Ending, type Incoming, isUnreadable, type Listener, readIncoming } from './link.ts';

const DEPTH_MAX = 128;

export type ExchangeOptions = {
  readonly id: string | number | undefined;
  readonly listener: Listener & { response?(incoming: Incoming<Response>): void };
  readonly notice?: (method: string) => void;
  readonly resolve: (ending: Ending) => void;
  readonly bytes_max: number;
  readonly hangup: Hangup;
};

const ONCE = { once: true } as const;
/** A stream that goes on after the answer it was for is hung up on: nothing more is heard of it, and it keeps a connection. */
const AFTER_ANSWER_MS = 2_000;

/** One request and what comes back, as undici tells it. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #abort = (): void => this.giveUp('cancelled');
  #controller: Dispatcher.DispatchController | undefined;
  #ended = false;
  #status = 0;
  #headers: { readonly [name: string]: string } = {};
  #mode: 'none' | 'json' | 'stream' = 'none';
  #parts: Buffer[] = [];
  #bytes = 0;
  #decoder: SseDecoder | undefined;
  #resumable = false;
  #going_on: NodeJS.Timeout | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    options.hangup.addEventListener('abort', this.#abort, ONCE);
    if (options.hangup.aborted) queueMicrotask(this.#abort);
  }

  #end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.hangup.removeEventListener('abort', this.#abort);
    this.#options.resolve(ending);
  }

  /** Ends the exchange with `ending` and hangs up. */
  #stop(ending: Ending): void {
    this.#end(ending);
    this.#controller?.abort(new Error('ended by the gateway'));
  }

  giveUp(cause: 'cancelled' | 'took_too_long'): void {
    // Before a connection is there, undici has sent nothing; from then on it may have.
    this.#stop({ kind: 'lost', sent: this.#controller !== undefined, cause });
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
    if (this.#mode === 'stream') {
      this.#stream(chunk);
      return;
    }
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.bytes_max) this.#refuse('too_large');
    else if (this.#mode === 'json') this.#parts.push(chunk);
  }

  #stream(chunk: Buffer): void {
    try {
      for (const event of this.#decoder?.push(chunk) ?? []) if (!this.#ended) this.#event(event);
    } catch (error) {
      const cause =
        error instanceof SseTooLong ? 'too_large' : isUnreadable(error) ? 'invalid_json' : undefined;
      if (cause === undefined) throw error;
      this.#refuse(cause);
    }
  }

  #event({ data, id, retry }: SseEvent): void {
    const at = { ...(id === undefined ? {} : { event_id: id }), ...(retry === undefined ? {} : { retry }) };
    if (id !== undefined) this.#resumable = true;
    const { listener } = this.#options;
    if (data === '') {
      listener.mark?.(at);
      return;
    }
    const { message, text } = readIncoming(data, {
      bytes_max: this.#options.bytes_max,
      depth_max: DEPTH_MAX,
    });
    const incoming = { ...(text === undefined ? {} : { text }), ...at };
    if (message.kind === 'notification') this.#options.notice?.(message.method);
    if (message.kind !== 'response') listener.message?.({ message, ...incoming });
    else if (listener.response !== undefined) listener.response({ message, ...incoming });
    else this.#answer({ message, ...incoming }, true);
  }

  #answer(answer: Incoming<Response>, streamed: boolean): void {
    // A result that comes with an error's status is neither.
    if (this.#status >= 500 || (this.#status >= 300 && answer.message.error === undefined)) {
      this.#refuse('http_error');
      return;
    }
    if (answer.message.id !== this.#options.id) {
      this.#refuse('wrong_id');
      return;
    }
    const ending: Ending = {
      kind: 'answered',
      status: this.#status,
      answer,
      streamed,
      headers: this.#headers,
    };
    if (streamed) this.#going_on = setTimeout(() => this.#stop(ending), AFTER_ANSWER_MS).unref();
    this.#end(ending);
  }

  onResponseEnd(): void {
    clearTimeout(this.#going_on);
    if (this.#ended) return;
    if (this.#mode === 'json' && this.#options.id !== undefined) this.#json();
    else this.#end(this.#unanswered());
  }

  #unanswered(): Ending {
    if (this.#mode === 'stream' && this.#resumable) return { kind: 'suspended' };
    if (this.#mode === 'stream' && this.#options.id !== undefined)
      return { kind: 'lost', sent: true, cause: 'broke_off' };
    const cause = this.#status >= 300 ? 'http_error' : 'not_mcp';
    return { kind: 'refused', status: this.#status, cause };
  }

  #json(): void {
    try {
      const { message, text } = readIncoming(Buffer.concat(this.#parts).toString('utf8'), {
        bytes_max: this.#options.bytes_max,
        depth_max: DEPTH_MAX,
      });
      if (message.kind !== 'response') this.#end({ kind: 'refused', status: this.#status, cause: 'not_mcp' });
      else this.#answer(text === undefined ? { message } : { message, text }, false);
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
    clearTimeout(this.#going_on);
    const { code } = error as NodeJS.ErrnoException;
    const sent = this.#controller !== undefined;
    const late = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    const suspended = this.#mode === 'stream' && this.#resumable && !late;
    const cause = late ? 'timed_out' : sent ? 'broke_off' : 'unreachable';
    this.#end(suspended ? { kind: 'suspended' } : { kind: 'lost', sent, cause });
  }
}

/** The only headers of an upstream the gateway reads. */
function kept(headers: IncomingHttpHeaders): { readonly [name: string]: string } {
  const id = headers['mcp-session-id'];
  return typeof id === 'string' && /^[\x21-\x7e]{1,1024}$/.test(id) ? { 'mcp-session-id': id } : {};
}
