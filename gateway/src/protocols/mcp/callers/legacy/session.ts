/**
 * One session of revision 2025-11-25 and before: an agent, an upstream opened for it alone, and what is under way. Its
 * id is the gateway's own, unguessable, and good only for the agent and upstream it was made for. A lost connection
 * ends nothing here; `notifications/cancelled` and DELETE do.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Peer, Suspended } from '../../calls/call.ts';
import { mayAskCaller } from '../../methods.ts';
import type { Incoming } from '../../upstream/link.ts';
import {
  type Notification,
  type Request,
  type Response,
  type RpcId,
  writeMessage,
} from '../../wire/message.ts';

export const CALLS_MAX = 1_000;
const ASKED_MAX = 1_000;
const STREAMS_MAX = 16;

export class LegacySession {
  readonly id = randomBytes(24).toString('base64url');
  /** Names it to people and in the log: whoever reads that cannot come in with it. */
  readonly name = hash('sha256', this.id).slice(0, 32);
  readonly agent: string;
  readonly peer: Peer;
  readonly version: string;
  /** Gives its place among the sessions back: called once it has ended. */
  readonly #leave: () => void;
  used_at: number;
  ended = false;
  readonly #calls = new Map<RpcId, AbortController>();
  readonly #suspended = new Map<RpcId, Suspended & { readonly timer: NodeJS.Timeout }>();
  /** What the upstream asked the caller, by the id it expects the answer under. */
  readonly #asked = new Map<RpcId, string>();
  readonly #streams = new Set<AbortController>();

  constructor(opened: {
    readonly agent: string;
    readonly peer: Peer;
    readonly version: string;
    readonly now: number;
    readonly leave: () => void;
  }) {
    this.agent = opened.agent;
    this.peer = opened.peer;
    this.version = opened.version;
    this.used_at = opened.now;
    this.#leave = opened.leave;
  }

  get busy(): boolean {
    return this.#calls.size + this.#suspended.size + this.#streams.size > 0;
  }

  /** Undefined: the id is in use, or too many calls run. */
  begin(id: RpcId): AbortController | undefined {
    if (this.ended || this.#calls.has(id) || this.#suspended.has(id)) return undefined;
    if (this.#calls.size + this.#suspended.size >= CALLS_MAX) return undefined;
    const controller = new AbortController();
    this.#calls.set(id, controller);
    return controller;
  }

  finish(id: RpcId): void {
    this.#calls.delete(id);
  }

  /** The caller takes a call back: a held one is left alone, a running one is cancelled at the upstream. */
  cancel(id: RpcId): void {
    this.#calls.get(id)?.abort();
    if (this.#suspended.has(id)) {
      const message: Notification = {
        kind: 'notification',
        method: 'notifications/cancelled',
        params: { requestId: id },
      };
      void this.peer.link.post({ message, text: writeMessage(message), headers: {} });
    }
    this.#abandon(id);
  }

  /**
   * Remembers what the upstream asks, so that only answers to it are passed back. False: it may not be asked. An id is
   * asked under once: asked again by another method, it would take the answer past that method's door.
   */
  ask({ id, method }: Request): boolean {
    if (!mayAskCaller(method) || this.#asked.has(id) || this.#asked.size >= ASKED_MAX) return false;
    this.#asked.set(id, method);
    return true;
  }

  /** The method an answer belongs to, once. */
  answered({ id }: Response): string | undefined {
    const method = this.#asked.get(id);
    this.#asked.delete(id);
    return method;
  }

  suspend(rest: Suspended, timeout_ms: number): void {
    if (this.ended) return void rest.abandoned();
    const timer = setTimeout(() => this.#abandon(rest.id), timeout_ms);
    timer.unref();
    this.#suspended.set(rest.id, { ...rest, timer });
  }

  /** An answer that came on a resumed stream, as it may leave. Undefined: no call of this session waits for it. */
  async resumed(incoming: Incoming<Response>): Promise<string | undefined> {
    const rest = this.#suspended.get(incoming.message.id);
    if (rest === undefined) return undefined;
    clearTimeout(rest.timer);
    this.#suspended.delete(rest.id);
    return rest.answered(incoming);
  }

  #abandon(id: RpcId): void {
    const rest = this.#suspended.get(id);
    if (rest === undefined) return;
    clearTimeout(rest.timer);
    this.#suspended.delete(id);
    void rest.abandoned();
  }

  openStream(): AbortController | undefined {
    if (this.ended || this.#streams.size >= STREAMS_MAX) return undefined;
    const stream = new AbortController();
    this.#streams.add(stream);
    return stream;
  }

  closeStream(stream: AbortController): void {
    this.#streams.delete(stream);
    stream.abort();
  }

  /** Ends both sides. When the upstream is what ended, its calls end by that, each with an answer. */
  async end(by: 'gateway' | 'upstream' = 'gateway'): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.#leave();
    if (by === 'gateway') for (const call of this.#calls.values()) call.abort();
    for (const id of [...this.#suspended.keys()]) this.#abandon(id);
    for (const stream of this.#streams) stream.abort();
    await this.peer.link.close();
  }
}
