/**
 * Where what a process says goes: to the call it names, else to whoever listens, else to the latest call. What comes
 * when nobody is there waits a moment, because clients open their stream only after they said `initialized`. Bounded;
 * a question nobody takes is answered with the gateway's refusal, so that no process waits for ever (I15).
 */
import { isJsonObject, type JsonObject, member } from '@countersign/core';
import { META } from '../wire/headers.ts';
import {
  CODE,
  type Message,
  type Notification,
  type Request,
  type Response,
  type RpcId,
} from '../wire/message.ts';
import type { Ending, Incoming, Listener } from './link.ts';

const PARKED_MAX = 100;
const PARKED_MS = 5_000;

export type InboxCall = {
  /** The id and progress token the caller knows; the process knows the gateway's own. */
  readonly caller_id: RpcId;
  readonly caller_token: RpcId | undefined;
  readonly listener: Listener;
  readonly end: (ending: Ending) => void;
  touch(): void;
};

type Heard = Incoming<Request | Notification>;

export class Inbox {
  readonly calls = new Map<number, InboxCall>();
  readonly #send: (message: Message) => void;
  #listening: Listener | undefined;
  #parked: Heard[] = [];
  #parking: NodeJS.Timeout | undefined;

  constructor(send: (message: Message) => void) {
    this.#send = send;
  }

  begin(id: number, call: InboxCall): void {
    this.calls.set(id, call);
    if (call.listener.message !== undefined) this.#unpark();
  }

  listen(listener: Listener): void {
    this.#listening = listener;
    this.#unpark();
  }

  unlisten(listener: Listener): void {
    if (this.#listening === listener) this.#listening = undefined;
  }

  answered(message: Response): void {
    const call = typeof message.id === 'number' ? this.calls.get(message.id) : undefined;
    const answer = { message: { ...message, id: call?.caller_id ?? message.id } };
    call?.end({ kind: 'answered', status: 200, streamed: false, headers: {}, answer });
  }

  heard(incoming: Heard): void {
    const { message } = incoming;
    const related = message.kind === 'notification' ? this.#related(message) : undefined;
    if (related !== undefined) {
      related.call.touch();
      related.call.listener.message?.({ message: related.message });
      return;
    }
    // The process wants to know whether the gateway is there, and it is.
    if (message.kind === 'request' && message.method === 'ping') {
      this.#send({ kind: 'response', id: message.id, result: {} });
      return;
    }
    const to = this.#takerOf(message);
    if (to?.message === undefined) this.#park(incoming);
    else to.message(incoming);
  }

  /** Questions and log lines belong to what runs, if anything does; news of lists to the stream for such. */
  #takerOf(message: Request | Notification): Listener | undefined {
    const latest = [...this.calls.values()].findLast(
      ({ listener }) => listener.message !== undefined,
    )?.listener;
    const running = message.kind === 'request' || message.method === 'notifications/message';
    return running ? (latest ?? this.#listening) : (this.#listening ?? latest);
  }

  #park(incoming: Heard): void {
    if (this.#parked.length >= PARKED_MAX) this.#decline(this.#parked.shift());
    this.#parked.push(incoming);
    this.#parking ??= setTimeout(() => this.dropParked(), PARKED_MS);
    this.#parking.unref();
  }

  #unpark(): void {
    clearTimeout(this.#parking);
    this.#parking = undefined;
    for (const incoming of this.#parked.splice(0)) this.heard(incoming);
  }

  dropParked(): void {
    clearTimeout(this.#parking);
    this.#parking = undefined;
    for (const incoming of this.#parked.splice(0)) this.#decline(incoming);
  }

  #decline(incoming: Heard | undefined): void {
    if (incoming?.message.kind !== 'request') return;
    const error = { code: CODE.method_not_found, message: 'Nobody listens' };
    this.#send({ kind: 'response', id: incoming.message.id, error });
  }

  /** Progress and subscription messages name their call. */
  #related(message: Notification): { call: InboxCall; message: Notification } | undefined {
    const { params } = message;
    if (message.method === 'notifications/progress') {
      const call = this.calls.get(Number(params['progressToken']));
      if (call?.caller_token === undefined) return undefined;
      return { call, message: { ...message, params: { ...params, progressToken: call.caller_token } } };
    }
    const meta = params['_meta'];
    const key = `${META}subscriptionId`;
    const about = isJsonObject(meta) ? member(meta, key) : undefined;
    const call = about === undefined ? undefined : this.calls.get(Number(about));
    if (call === undefined || !isJsonObject(meta)) return undefined;
    const named: JsonObject = { ...params, _meta: { ...meta, [key]: call.caller_id } };
    return { call, message: { ...message, params: named } };
  }
}
