/**
 * A call the upstream itself turned into a task: asked after under the upstream's id, told under ours, masked by the
 * permit it runs under. The execution ends when that task does, and is recorded then, once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '@countersign/core';
import { toEvaluation } from '../../binding.ts';
import { modernHeaders } from '../../wire/headers.ts';
import { type Answer, CODE, type Request, writeMessage } from '../../wire/message.ts';
import { refusedAnswer } from '../answers.ts';
import { ownId } from '../page.ts';
import { record } from '../run.ts';
import { move, type TaskRecord } from './task.ts';
import { isTerminal, type TaskDetail } from './words.ts';

type Method = 'tasks/get' | 'tasks/update' | 'tasks/cancel';

/** One exchange with the upstream about its task; undefined when it gave no usable answer. */
async function about(
  task: TaskRecord,
  method: Method,
  more: JsonObject = {},
): Promise<JsonObject | undefined> {
  const { state, call } = task;
  if (state.kind !== 'delegated') return undefined;
  const peer = (await call.reopen()) ?? call.peer;
  const { progressToken: _token, ...talk } = call.talk;
  const params: JsonObject = { taskId: state.upstream_task, ...more, _meta: talk };
  const request: Request = {
    kind: 'request',
    id: ownId(call.shared),
    method,
    params,
  };
  const out = { message: request, text: writeMessage(request), headers: modernHeaders(method, params) };
  const ending = await peer.link.request(out, {}, new AbortController().signal);
  if (ending.kind !== 'answered') return undefined;
  const { result } = ending.answer.message;
  const shown = result === undefined ? undefined : (await state.permit.maskApart(result)).value;
  return isJsonObject(shown) ? shown : undefined;
}

/** Brings a delegated task up to date. */
export async function lookDelegated(task: TaskRecord): Promise<void> {
  const { state } = task;
  if (state.kind !== 'delegated') return;
  const result = await about(task, 'tasks/get');
  const seen = result === undefined ? undefined : detailFrom(result);
  if (seen === undefined || task.state.kind !== 'delegated') return;
  move(task, { ...state, seen });
  if (!isTerminal(seen.status)) return;
  task.ending ??= end(task, seen);
  await task.ending;
}

/** How often the upstream is asked after a task its caller does not ask after. */
const FOLLOW_MS = [1_000, 5_000, 30_000];

/** Asks until it is over, so that the end is on record even if the caller never comes back (I9). Never rejects. */
export async function followDelegated(task: TaskRecord): Promise<void> {
  for (let at = 0; task.state.kind === 'delegated' && !task.abort.signal.aborted; at += 1) {
    await pause(FOLLOW_MS[Math.min(at, FOLLOW_MS.length - 1)], undefined, { ref: false });
    if (task.state.kind !== 'delegated' || task.abort.signal.aborted) return;
    await lookDelegated(task).catch((error: unknown) =>
      task.call.shared.deps.log.warn(
        { task: task.id, error: String(error) },
        'a task of an upstream could not be asked after',
      ),
    );
  }
}

async function end(task: TaskRecord, seen: TaskDetail): Promise<void> {
  const { state } = task;
  if (state.kind !== 'delegated') return;
  const answer: Answer =
    seen.status === 'completed'
      ? { result: seen.result }
      : {
          error:
            seen.status === 'failed'
              ? seen.error
              : { code: CODE.internal_error, message: 'The upstream cancelled its task' },
        };
  const failed =
    seen.status !== 'completed' || (isJsonObject(seen.result) && seen.result['isError'] === true);
  const outcome = failed
    ? ({ status: 'failed', summary: 'the upstream’s task ended with an error' } as const)
    : ({ status: 'succeeded' } as const);
  await record(state.permit, { answer, status: 200, outcome, session_over: false });
  move(
    task,
    seen.status === 'cancelled' ? { kind: 'cancelled' } : { kind: 'done', answer, permit: state.permit },
  );
}

function detailFrom(result: JsonObject): TaskDetail | undefined {
  const { status, inputRequests, error } = result;
  switch (status) {
    case 'working':
    case 'cancelled':
      return { status };
    case 'input_required':
      return isJsonObject(inputRequests) ? { status, inputRequests } : undefined;
    case 'completed':
      return { status, result: result['result'] ?? null };
    case 'failed':
      return isJsonObject(error) ? { status, error } : undefined;
    default:
      return undefined;
  }
}

/** Answers to the upstream's questions go through the door like any other (WIRE §8). */
export async function updateDelegated(task: TaskRecord, responses: JsonObject): Promise<Answer> {
  const { call, prepared } = task;
  const evaluation = toEvaluation({
    principal: call.door.principal,
    upstream: call.peer.upstream,
    method: 'elicitation/answer',
    params: { inputResponses: responses, tool: prepared.evaluation.resource.id },
  });
  const verdict = await call.door.enforce(evaluation);
  if (verdict.kind !== 'permitted') {
    const message =
      verdict.kind === 'refused'
        ? (refusedAnswer({ ...prepared.shape, method: 'tasks/update' }, verdict.refusal).error ?? {})
        : {
            code: CODE.refused,
            message: 'These answers wait for a person’s approval; send them again once it is given',
          };
    return { error: message };
  }
  const result = await about(task, 'tasks/update', { inputResponses: responses });
  await verdict.permit.finish(
    result === undefined
      ? { status: 'unknown', summary: 'the upstream did not confirm the answers' }
      : { status: 'succeeded' },
  );
  verdict.permit.delivered();
  return result === undefined
    ? { error: { code: CODE.internal_error, message: 'The upstream did not take the answers' } }
    : { result: { resultType: 'complete' } };
}

export async function cancelDelegated(task: TaskRecord): Promise<Answer> {
  await about(task, 'tasks/cancel');
  await lookDelegated(task);
  return { result: { resultType: 'complete' } };
}
