/**
 * One task: a tool call that waits for people, or runs at the upstream, without a connection. Its id is the access
 * request's, which was durable before the id was told (SEP-2663); its state moves only here. What it runs takes the same
 * door, each round anew.
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { callerName } from '../../../../identity/caller.ts';
import type { Held, Permit, Session, Verdict } from '../../../protocol.ts';
import { CAUSES } from '../../upstream/link.ts';
import type { Answer } from '../../wire/message.ts';
import { brokenAnswer, refusedAnswer, replayedAnswer, settledAnswer } from '../answers.ts';
import type { Call, Prepared } from '../call.ts';
import { again } from '../hold.ts';
import { record, run } from '../run.ts';
import type { TaskDetail } from './words.ts';

export type State =
  | { readonly kind: 'waiting'; readonly held: Held }
  | { readonly kind: 'running' }
  /** The upstream asks the caller before it goes on (2026-07-28 `input_required`). */
  | {
      readonly kind: 'asking';
      readonly requests: JsonObject;
      readonly state: Json | undefined;
      readonly given: JsonObject;
    }
  /** The upstream runs it as a task of its own; the permit ends with that task. */
  | {
      readonly kind: 'delegated';
      readonly upstream_task: string;
      readonly permit: Permit;
      readonly seen: TaskDetail;
    }
  /** `permit`: the run this answer came from; it is delivered once the caller has asked for it. */
  | { readonly kind: 'done'; readonly answer: Answer; readonly permit?: Permit }
  | { readonly kind: 'cancelled' };

export type TaskRecord = {
  readonly id: string;
  /** {@link callerName}. */
  readonly caller: string;
  readonly upstream: string;
  readonly created_at: number;
  readonly ttl_ms: number;
  readonly abort: AbortController;
  /** Gives its place back: called when it is over, or dropped. */
  readonly leave: () => void;
  call: Call;
  prepared: Prepared;
  /** Set once the upstream's task is seen to be over: its end is recorded once, whoever asks. */
  ending?: Promise<void>;
  updated_at: number;
  state: State;
  /** Approved when nobody with a live credential attended to it: it goes on when somebody does. */
  unattended?: true;
};

export const isOver = ({ state }: TaskRecord): boolean => state.kind === 'done' || state.kind === 'cancelled';

/** Moves a task, unless it is over: terminal states never change (I5). */
export function move(task: TaskRecord, state: State): void {
  if (isOver(task)) return;
  task.state = state;
  task.updated_at = task.call.shared.deps.now();
  if (isOver(task)) task.leave();
}

/** Waits for the request, then goes on without being polled. Never rejects. */
export const drive = (task: TaskRecord, verdict: Verdict): Promise<void> =>
  guarded(task, () => step(task, verdict));

async function guarded(task: TaskRecord, steps: () => Promise<void>): Promise<void> {
  try {
    await steps();
  } catch (error) {
    task.call.shared.deps.log.error({ task: task.id, error: String(error) }, 'a task could not be driven');
    move(task, {
      kind: 'done',
      answer: { error: { code: -32603, message: 'The gateway could not complete this task' } },
    });
  }
}

async function step(task: TaskRecord, verdict: Verdict): Promise<void> {
  const { shape } = task.prepared;
  switch (verdict.kind) {
    case 'permitted':
      return execute(task, verdict.permit);
    case 'refused':
      return move(task, { kind: 'done', answer: refusedAnswer(shape, verdict.refusal) });
    case 'replayed':
      return move(task, {
        kind: 'done',
        answer: replayedAnswer(shape, verdict.result, verdict.execution_id),
      });
    case 'held':
      return waitFor(task, verdict.held);
  }
}

async function waitFor(task: TaskRecord, held: Held): Promise<void> {
  move(task, { kind: 'waiting', held });
  const view = await held.settled(task.abort.signal);
  if (isOver(task)) return;
  if (view.status === 'pending') return move(task, { kind: 'cancelled' });
  if (view.status === 'cancelled') return move(task, { kind: 'cancelled' });
  if (view.status !== 'approved')
    return move(task, { kind: 'done', answer: settledAnswer(task.prepared.shape, view) });
  if (task.call.door.welcome()) return goOn(task);
  task.unattended = true;
}

/**
 * A task outlives the credential it was made with: what comes with each question about it takes its place. True: it was
 * approved meanwhile, and can go on now.
 */
export function attended(task: TaskRecord, attend: (call: Call) => Call): boolean {
  if (isOver(task)) return false;
  task.call = attend(task.call);
  if (task.unattended !== true || !task.call.door.welcome()) return false;
  delete task.unattended;
  return true;
}

export const goOnAttended = (task: TaskRecord): Promise<void> => guarded(task, () => goOn(task));

/** On an open upstream, about the tool as it is now (A9): through the door, anew. */
async function goOn(task: TaskRecord): Promise<void> {
  const next = await again(task.call, task.prepared);
  if (!('verdict' in next)) return move(task, { kind: 'done', answer: next });
  task.call = next.call;
  task.prepared = next.prepared;
  if (next.verdict.kind !== 'held') return step(task, next.verdict);
  // Policy asks people once more: the task goes on waiting, for the new request.
  const verdict = await task.call.door.enforce(task.prepared.evaluation);
  return step(task, verdict);
}

async function execute(task: TaskRecord, permit: Permit): Promise<void> {
  if (isOver(task)) {
    await permit.finish({ status: 'failed', summary: 'withdrawn before it was sent' });
    return;
  }
  move(task, { kind: 'running' });
  const ran = await run(task.call, {
    prepared: task.prepared,
    permit,
    listener: {},
    hangup: task.abort.signal,
  });
  if (ran === undefined) {
    // Nobody resumes a stream of this revision: how it ended is not known, and is recorded as that (I9).
    await permit.finish({ status: 'unknown', summary: CAUSES.broke_off });
    return move(task, { kind: 'done', answer: brokenAnswer(task.prepared.shape, 'broke_off', 'unknown') });
  }
  const { result } = ran.answer;
  const type = isJsonObject(result) ? result['resultType'] : undefined;
  if (isJsonObject(result) && type === 'task' && typeof result['taskId'] === 'string') {
    return move(task, {
      kind: 'delegated',
      upstream_task: result['taskId'],
      permit,
      seen: { status: 'working' },
    });
  }
  await record(permit, ran);
  if (isJsonObject(result) && type === 'input_required') {
    permit.delivered();
    asks(task, result);
  } else move(task, { kind: 'done', answer: ran.answer, permit });
}

function asks(task: TaskRecord, result: JsonObject): void {
  const requests = isJsonObject(result['inputRequests']) ? result['inputRequests'] : {};
  move(task, { kind: 'asking', requests, state: result['requestState'], given: {} });
}

/** Answers to what the upstream asked. When all are there, the call goes on: a new question to the door. */
export async function giveAnswers(
  task: TaskRecord,
  responses: JsonObject,
  next: (prepared: Prepared, params: JsonObject) => Prepared,
): Promise<void> {
  const { state } = task;
  if (state.kind !== 'asking') return;
  const fitting = Object.entries(responses).filter(
    ([key]) => Object.hasOwn(state.requests, key) && !Object.hasOwn(state.given, key),
  );
  const given = { ...state.given, ...Object.fromEntries(fitting) };
  if (Object.keys(state.requests).some((key) => !Object.hasOwn(given, key)))
    return move(task, { ...state, given });
  const more = { inputResponses: given, ...(state.state === undefined ? {} : { requestState: state.state }) };
  const prepared = next(task.prepared, more);
  task.prepared = prepared;
  task.call = {
    ...task.call,
    request: { ...task.call.request, params: { ...task.call.request.params, ...more } },
  };
  move(task, { kind: 'running' });
  await guarded(task, () => goOn(task));
}

export function detailOf({ state }: TaskRecord): TaskDetail {
  switch (state.kind) {
    case 'waiting':
    case 'running':
      return { status: 'working' };
    case 'asking': {
      const open = Object.entries(state.requests).filter(([key]) => !Object.hasOwn(state.given, key));
      return { status: 'input_required', inputRequests: Object.fromEntries(open) };
    }
    case 'delegated':
      return state.seen;
    case 'cancelled':
      return { status: 'cancelled' };
    case 'done':
      return state.answer.error === undefined
        ? { status: 'completed', result: state.answer.result ?? null }
        : { status: 'failed', error: state.answer.error };
  }
}

export function messageOf({ state }: TaskRecord): string | undefined {
  if (state.kind !== 'waiting') return undefined;
  return `Waiting for a person to review this action: ${state.held.request.review_url}`;
}

export const ownedBy = (task: TaskRecord, door: Session, upstream: string): boolean =>
  task.caller === callerName(door.principal) && task.upstream === upstream;
