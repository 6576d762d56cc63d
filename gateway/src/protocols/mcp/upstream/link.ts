/**
 * The port to one opened upstream: send a message, hear what belongs to it, learn how it ended. A link exists only
 * under a `session.open` permit (I1), holds that permit's credential, and serves one agent. It decides nothing, masks
 * nothing, and says honestly whether bytes were sent.
 */
import { isJsonObject, type Json, JsonError, parseJson } from '@countersign/core';
import type { UpstreamCredentials } from '../../protocol.ts';
import {
  type Message,
  type Notification,
  type Request,
  type Response,
  toMessage,
  WireError,
} from '../wire/message.ts';
import type { Hangup } from '../wire/reply.ts';

/** A message from the upstream. `text` is its exact text, or undefined when only a rewritten one may be passed on. */
export type Incoming<M extends Message = Message> = {
  readonly message: M;
  readonly text?: string;
  /** Position in a resumable stream (2025-11-25), to be passed on with the event. */
  readonly event_id?: string;
  readonly retry?: number;
};

export type Listener = {
  /** The upstream answers with a stream: whatever it says next belongs to this call. */
  streaming?(): void;
  /** Anything but the answer: notifications, and requests to the caller (2025-11-25). */
  message?(incoming: Incoming<Request | Notification>): void;
  /** An event without a message: where a resumable stream stands. */
  mark?(event: { readonly event_id?: string; readonly retry?: number }): void;
};

export type Ending =
  /** The upstream answered. `status` is its HTTP status; 200 where there is none. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly answer: Incoming<Response>;
      readonly streamed: boolean;
      readonly headers: { readonly [name: string]: string };
    }
  /** The upstream answered, but with no usable answer to the request. */
  | { readonly kind: 'refused'; readonly status: number; readonly cause: Cause }
  /** No answer came. `sent` is false only when certainly no byte of the request left. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly cause: Cause }
  /** 2025-11-25: the stream ended at a point the caller can resume from; the answer comes there. */
  | { readonly kind: 'suspended' };

/** Closed, and the gateway's own words: never the upstream's (I7). */
export type Cause =
  | 'unreachable'
  | 'timed_out'
  | 'took_too_long'
  | 'too_many_tasks'
  | 'cancelled'
  | 'broke_off'
  | 'http_error'
  | 'redirected'
  | 'credential_refused'
  | 'not_mcp'
  | 'invalid_json'
  | 'wrong_id'
  | 'too_large'
  | 'exited'
  | 'session_ended';

export const CAUSES: { readonly [C in Cause]: string } = {
  unreachable: 'the upstream could not be reached',
  timed_out: 'the upstream did not answer in time',
  took_too_long: 'the upstream was not done with it within call_ms_max',
  too_many_tasks: 'the upstream made a task of it, and the gateway already follows as many as it may',
  cancelled: 'the call was cancelled while it ran',
  broke_off: 'the connection broke before the answer was complete',
  http_error: 'the upstream answered with an HTTP error',
  redirected: 'the upstream answered with a redirect, which is never followed',
  credential_refused: 'the upstream refused the gateway’s credential; the operator must renew it',
  not_mcp: 'the upstream’s answer is not MCP',
  invalid_json: 'the upstream’s answer is not JSON the gateway accepts',
  wrong_id: 'the upstream answered a question that was not asked',
  too_large: 'the upstream’s answer is larger than answer_bytes_max',
  exited: 'the upstream’s process ended before it answered',
  session_ended: 'the upstream ended its session',
};

export type Outgoing<M extends Message = Message> = {
  readonly message: M;
  /** Exact text to send; where a transport must rewrite ids it writes the message anew. */
  readonly text: string | Buffer;
  readonly headers: { readonly [name: string]: string };
};

export type Link = {
  request(out: Outgoing<Request>, listener: Listener, hangup: Hangup): Promise<Ending>;
  /** Notifications, and answers to the upstream's own requests. Resolves to whether the upstream took it. */
  post(out: Outgoing<Notification | Response>): Promise<boolean>;
  /** 2025-11-25: what belongs to no call. Resolves when the stream ends; false if the upstream has none. */
  listen(
    options: { readonly last_event_id?: string },
    listener: Listener & { response?(incoming: Incoming<Response>): void },
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Every notification of the upstream, by its method, wherever it goes: for what the gateway itself must know. */
  onNotice(listener: (method: string) => void): void;
  /** The upstream's own session, once it has told one. */
  session(id: string | undefined, version: string): void;
  /** The credential of a newer `session.open` permit. False: this link cannot change it and must be closed. */
  renew(credentials: UpstreamCredentials): boolean;
  readonly closed: boolean;
  onClose(listener: () => void): void;
  close(): Promise<void>;
};

/** @throws WireError, JsonError for what cannot be passed on */
export function readIncoming(
  text: string,
  limits: { readonly bytes_max: number; readonly depth_max: number },
): { message: Message; text?: string } {
  let value: Json;
  let exact = true;
  try {
    value = parseJson(text, limits);
  } catch (error) {
    // A number no double holds is rounded, as every JavaScript client would; the original text is then not passed on,
    // because only what was looked at may leave. Everything else a strict parser refuses is refused here too.
    if (!(error instanceof JsonError) || error.code !== 'inexact-number') throw error;
    value = parseJson(JSON.stringify(JSON.parse(text)), limits);
    exact = false;
  }
  if (isJsonObject(value) && Object.keys(value).some((key) => !KNOWN.has(key))) {
    value = Object.fromEntries(Object.entries(value).filter(([key]) => KNOWN.has(key)));
    exact = false;
  }
  const message = toMessage(value);
  return exact ? { message, text } : { message };
}

const KNOWN = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

export const isUnreadable = (error: unknown): boolean =>
  error instanceof WireError || error instanceof JsonError || error instanceof SyntaxError;

const HANDSHAKES = new Set(['initialize', 'server/discover']);

type Times = {
  readonly call_timeout_ms: number;
  readonly call_ms_max: number;
  readonly connect_timeout_ms: number;
};

/** `0`: as long as it likes, as a subscription while nothing changes. */
export type Patience = { readonly silence_ms: number; readonly overall_ms: number };

/** How long the upstream may stay silent on a message, and how long answering it may take whatever is heard meanwhile. */
export function patienceFor({ method }: Request, times: Times): Patience {
  const { call_timeout_ms, call_ms_max, connect_timeout_ms } = times;
  if (method === 'subscriptions/listen') return { silence_ms: 0, overall_ms: 0 };
  if (HANDSHAKES.has(method)) return { silence_ms: connect_timeout_ms, overall_ms: connect_timeout_ms };
  return { silence_ms: call_timeout_ms, overall_ms: call_ms_max };
}
