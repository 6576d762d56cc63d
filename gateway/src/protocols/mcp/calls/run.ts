/**
 * Runs one permitted call: sends it, passes on what the upstream says meanwhile, masks, records how it ended exactly
 * once, and only then lets an approved call's answer go (I2, I9). Held calls are written anew from the canonical bytes;
 * original bytes travel only for calls that were never held.
 */
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { Masked, Permit, RunOutcome } from '../../protocol.ts';
import { paramsOf } from '../binding.ts';
import {
  CAUSES,
  type Cause,
  type Ending,
  type Incoming,
  type Listener,
  type Outgoing,
} from '../upstream/link.ts';
import { modernHeaders } from '../wire/headers.ts';
import {
  type Answer,
  CODE,
  type Notification,
  type Request,
  type Response,
  WireError,
  writeAnswer,
  writeMessage,
} from '../wire/message.ts';
import { type Hangup, KEEPALIVE_MS } from '../wire/reply.ts';
import { eventOf, type SseEvent } from '../wire/sse.ts';
import { brokenAnswer, keptBody, type Shape } from './answers.ts';
import { decorate } from './caching.ts';
import type { Call, Peer, Prepared } from './call.ts';
import { declaresTasks } from './tasks/words.ts';

/** How a run ended, masked. */
export type Ran = {
  readonly answer: Answer;
  /** Exact text of the upstream's answer, when masking found nothing and nothing was rewritten. */
  readonly text?: string;
  readonly status: number;
  readonly event_id?: string;
  readonly outcome: RunOutcome;
  /** Upstream session headers, and whether it says its session is over. */
  readonly session_over: boolean;
};

export type RunPlan = {
  readonly prepared: Prepared;
  readonly permit: Permit;
  readonly listener?: Listener;
  /** Of whoever awaits it. */
  readonly hangup: Hangup;
};

/** Sends and waits. `undefined` when the stream was suspended: then the rest is the session's. */
export async function run(
  call: Call,
  { prepared, permit, listener = listenerOf(call, permit), hangup }: RunPlan,
): Promise<Ran | undefined> {
  const ending = await call.peer.link.request(outgoing(call, prepared, permit), listener, hangup);
  const telling = call.reply.told();
  if (telling !== undefined) await telling;
  if (ending.kind === 'suspended') return undefined;
  return ranFrom(ending, { shape: prepared.shape, permit });
}

/** The message that runs. */
function outgoing(call: Call, prepared: Prepared, permit: Permit): Outgoing<Request> {
  const { request, bytes, talk } = call;
  const verbatim = !permit.held && !prepared.rewritten;
  const params = verbatim
    ? request.params
    : paramsOf(permit.action, Object.keys(talk).length === 0 ? {} : talk);
  const message: Request = { ...request, params };
  const headers = call.peer.era === 'modern' ? modernHeaders(request.method, params, prepared.mirrored) : {};
  return { message, text: verbatim ? bytes : writeMessage(message), headers };
}

/** What the upstream says before its answer goes to the caller as it comes, masked. */
export function listenerOf(call: Call, permit: Permit): Listener {
  const { reply, peer } = call;
  return {
    streaming: () => reply.stream(),
    mark: (placed) => reply.tell(eventOf('', placeOf(placed, permit))),
    message: (incoming) => {
      if (!mayBeTold(incoming.message, peer, { permit, asked: call.asked })) return;
      if (isStale(incoming.message, reply)) return;
      reply.tell(maskedEvent(incoming, permit));
    },
  };
}

type Telling = { readonly permit: Permit; readonly asked: Call['asked'] };

/** Not under a name that must not leave itself (I7), and only what this caller may be asked; the upstream is told so. */
export function mayBeTold(
  message: Request | Notification,
  peer: Pick<Peer, 'link'>,
  { permit, asked }: Telling,
): boolean {
  const name = message.kind === 'request' ? message.id : message.method;
  const secret = typeof name === 'string' && permit.mask(name).changed;
  if (message.kind !== 'request') return !secret;
  if (!secret && asked?.(message) === true) return true;
  decline(peer, message);
  return false;
}

type Placed = Pick<Incoming, 'event_id' | 'retry'>;

/** Where it stood in the upstream's stream; to a place whose name must not leave nobody comes back. */
export function placeOf(placed: Placed, permit: Permit): Placed {
  const { event_id, retry } = placed;
  if (event_id === undefined || !permit.mask(event_id).changed) return placed;
  return retry === undefined ? {} : { retry };
}

/** Progress that does not go beyond what the caller was told, while it was held for one. */
function isStale({ method, params }: Request | Notification, reply: Call['reply']): boolean {
  const progress = method === 'notifications/progress' ? params['progress'] : undefined;
  return typeof progress === 'number' && !reply.progressed(progress);
}

/** On their way to an upstream at once: one that asks without an end, and takes no answer, is told no more (I15). */
const DECLINING_MAX = 64;
const declining = new WeakMap<Peer['link'], number>();

/** A question the caller may not be asked: the upstream is told so, and does not wait for ever. */
export function decline({ link }: Pick<Peer, 'link'>, { id, method }: Request): void {
  const before = declining.get(link) ?? 0;
  if (before >= DECLINING_MAX) return;
  declining.set(link, before + 1);
  const error = { code: CODE.method_not_found, message: `The caller cannot be asked ${method}` };
  const message: Response = { kind: 'response', id, error };
  const taken = link.post({ message, text: writeMessage(message), headers: {} });
  void taken.finally(() => declining.set(link, (declining.get(link) ?? 1) - 1));
}

/** One message of the upstream as it may leave. */
export function maskedEvent(
  incoming: Incoming<Request | Notification>,
  permit: Permit,
): SseEvent | Promise<SseEvent> {
  const masked = permit.maskApart(incoming.message.params);
  const placed = placeOf(incoming, permit);
  return masked instanceof Promise
    ? masked.then((later) => saidAs(incoming, later, placed))
    : saidAs(incoming, masked, placed);
}

function saidAs(
  { message, text }: Incoming<Request | Notification>,
  { value, changed }: Masked,
  placed: Placed,
): SseEvent {
  const same = !changed && text !== undefined;
  const data = same ? text : writeMessage({ ...message, params: isJsonObject(value) ? value : {} });
  return eventOf(data, placed);
}

export function ranFrom(
  ending: Exclude<Ending, { kind: 'suspended' }>,
  { shape, permit }: { shape: Shape; permit: Permit },
): Ran | Promise<Ran> {
  switch (ending.kind) {
    case 'answered':
      return answered(ending.answer, ending.status, permit);
    case 'refused':
      return broken(shape, ending.cause, {
        ran: saysItDidNotRun(ending.status) ? 'no' : 'unknown',
        status: ending.status,
      });
    case 'lost':
      return broken(shape, ending.cause, { ran: ending.sent ? 'unknown' : 'no', status: 0 });
  }
}

/** A server that failed may have failed over the call itself, and a proxy may have given up waiting for one that goes on. */
const saysItDidNotRun = (status: number): boolean => status >= 300 && status < 500;

function broken(shape: Shape, cause: Cause, { ran, status }: { ran: 'no' | 'unknown'; status: number }): Ran {
  const summary = CAUSES[cause];
  const answer = brokenAnswer(shape, cause, ran);
  return {
    answer,
    status: shape.method === 'tools/call' ? 200 : 502,
    outcome: ran === 'unknown' ? { status: 'unknown', summary } : { status: 'failed', summary },
    session_over: status === 404,
  };
}

export function answered(incoming: Incoming<Response>, status: number, permit: Permit): Ran | Promise<Ran> {
  const { message, text } = incoming;
  const masked = permit.maskApart(message.error ?? message.result ?? null);
  const placed =
    incoming.event_id === undefined
      ? incoming
      : { message, ...(text === undefined ? {} : { text }), ...placeOf(incoming, permit) };
  return masked instanceof Promise
    ? masked.then((later) => ranOf(placed, status, later))
    : ranOf(placed, status, masked);
}

function ranOf(
  { message, text, event_id }: Incoming<Response>,
  status: number,
  { value, changed }: Masked,
): Ran {
  const answer: Answer =
    message.error === undefined ? { result: value } : { error: isJsonObject(value) ? value : UNREADABLE };
  const failed = message.error !== undefined || (isJsonObject(value) && value['isError'] === true);
  return {
    answer,
    ...(text === undefined || changed ? {} : { text }),
    ...(event_id === undefined ? {} : { event_id }),
    status: status >= 200 && status < 500 ? status : 502,
    outcome: failed
      ? { status: 'failed', summary: 'the upstream answered with an error' }
      : { status: 'succeeded' },
    session_over: status === 404,
  };
}

const UNREADABLE: JsonObject = { code: -32603, message: 'The upstream’s error was masked' };

/** Records the end. For an approved call the answer is kept, so that a lost reply can be given again. */
export function record(permit: Permit, ran: Ran): Promise<void> {
  if (!permit.held || ran.outcome.status === 'unknown') return permit.finish(ran.outcome);
  return permit.finish({ ...ran.outcome, result: keptBody(ran.answer) });
}

/** Runs, records, answers: the whole of a permitted call on an open connection. */
export async function runAndAnswer(call: Call, prepared: Prepared, permit: Permit): Promise<Ran | undefined> {
  const { reply } = call;
  const patience = setTimeout(() => reply.stream(), KEEPALIVE_MS);
  try {
    const ran = await run(call, { prepared, permit, hangup: call.caller.hangup });
    if (ran === undefined) {
      suspend(call, prepared, permit);
      return undefined;
    }
    if (adopted(call, prepared, { permit, ran })) return ran;
    // An approved call's end is durable before its answer leaves, so that a retry finds it (I9). An allowed call's
    // answer need not wait: nothing is ever redeemed by it.
    if (permit.held) await record(permit, ran);
    try {
      answerWith(call, ran, () => permit.delivered());
    } finally {
      if (!permit.held) await record(permit, ran);
    }
    return ran;
  } finally {
    clearTimeout(patience);
  }
}

/** Tells the caller how its call ended. A call taken back gets no answer; an ended session is told as such. */
export function answerWith(call: Call, ran: Ran, then?: () => void): void {
  const { reply, caller, peer } = call;
  if (caller.left) {
    reply.end();
    return;
  }
  if (ran.session_over && peer.era === 'legacy') {
    reply.refuse(sessionEnded());
    return;
  }
  reply.answer(textOf(call.request.id, decorated(call, ran)), {
    status: ran.status,
    ...(ran.event_id === undefined ? {} : { id: ran.event_id }),
    ...(then === undefined ? {} : { then }),
  });
}

export const sessionEnded = (): WireError =>
  new WireError('The session has ended; begin with initialize', { status: 404, code: CODE.invalid_request });

function decorated(call: Call, ran: Ran): Pick<Ran, 'text' | 'answer'> {
  const { result } = ran.answer;
  if (call.peer.era !== 'modern' || !isJsonObject(result)) return ran;
  const changed = decorate(call.request.method, result);
  return changed === result ? ran : { answer: { result: changed } };
}

/** The upstream goes on by itself, as a task: the permit ends when that task does. */
function adopted(call: Call, prepared: Prepared, { permit, ran }: { permit: Permit; ran: Ran }): boolean {
  const { result } = ran.answer;
  if (call.peer.era !== 'modern' || !isJsonObject(result) || result['resultType'] !== 'task') return false;
  const upstream_task = result['taskId'];
  if (typeof upstream_task !== 'string' || !declaresTasks(call.capabilities)) return false;
  const told = call.shared.adoptTask(call, prepared, { permit, task: result, upstream_task });
  if (told === undefined) void permit.finish({ status: 'unknown', summary: CAUSES.too_many_tasks });
  call.reply.answer(
    writeAnswer(
      call.request.id,
      told === undefined ? brokenAnswer(prepared.shape, 'too_many_tasks', 'unknown') : { result: told },
    ),
  );
  return true;
}

export const textOf = (id: string | number, { text, answer }: Pick<Ran, 'text' | 'answer'>): string =>
  text ?? writeAnswer(id, answer);

/** The stream ended where it can be resumed: the session ends the call when its answer comes there. */
function suspend(call: Call, prepared: Prepared, permit: Permit): void {
  const { reply, request } = call;
  const lost = async (): Promise<void> => {
    await permit.finish({ status: 'unknown', summary: CAUSES.broke_off });
  };
  if (call.suspend === undefined) {
    void lost();
    reply.answer(writeAnswer(request.id, brokenAnswer(prepared.shape, 'broke_off', 'unknown')));
    return;
  }
  call.suspend({
    id: request.id,
    permit,
    answered: async (incoming) => {
      if (incoming.message.kind !== 'response') return '';
      const ran = await answered({ ...incoming, message: incoming.message }, 200, permit);
      await record(permit, ran);
      return textOf(request.id, ran);
    },
    abandoned: lost,
  });
  reply.end();
}
