/**
 * The agents' side: ask, request, wait, ask again. `decision: true` is the only yes; a thrown error, a timeout and every
 * other answer mean no. An approval is good for the same question only, and is used up by the answer it changes.
 */

import { pause } from './events.ts';
import { type Http, segment } from './http.ts';
import { isOpenStatus } from './people.ts';
import type {
  AccessRequestInput,
  EvaluationInput,
  EvaluationResult,
  EvaluationsInput,
  EvaluationsResult,
  TaskAnswer,
} from './shapes/access.ts';

export type WaitOptions = { readonly signal?: AbortSignal; readonly poll_ms?: number };

export type Agents = ReturnType<typeof createAgents>;

export function createAgents(http: Http) {
  const base = '/access/v1';
  const evaluate = (question: EvaluationInput): Promise<EvaluationResult> =>
    http.json<EvaluationResult>(`${base}/evaluation`, { method: 'POST', body: question });
  const task = (id: string, signal?: AbortSignal): Promise<TaskAnswer> =>
    http.json<TaskAnswer>(`${base}/requests/${segment(id)}`, { signal });
  return {
    evaluate,
    evaluateAll: (questions: EvaluationsInput) =>
      http.json<EvaluationsResult>(`${base}/evaluations`, { method: 'POST', body: questions }),
    /** Asks people to lift a denial. Repeating it with the same key joins the same request. */
    requestAccess: (input: AccessRequestInput, idempotency_key: string = crypto.randomUUID()) =>
      http.json<TaskAnswer>(`${base}/requests`, {
        method: 'POST',
        body: input,
        headers: { 'idempotency-key': idempotency_key },
      }),
    task,
    cancel: (id: string) =>
      http.json<TaskAnswer>(`${base}/requests/${segment(id)}/cancel`, { method: 'POST' }),
    /** Resolves when people have answered, or the request ended otherwise. Rejects when the signal aborts. */
    async wait(id: string, { signal, poll_ms = 2000 }: WaitOptions = {}): Promise<TaskAnswer> {
      for (;;) {
        signal?.throwIfAborted();
        const answer = await task(id, signal);
        if (!isOpenStatus(answer.task.status)) return answer;
        await pause(poll_ms, signal);
      }
    },
    /** The same question, with the approval an approved task yields. */
    evaluateWith(question: EvaluationInput, { result }: TaskAnswer): Promise<EvaluationResult> {
      const approval = result?.approval;
      return evaluate(
        approval === undefined ? question : { ...question, context: { ...question.context, approval } },
      );
    },
  };
}

/** What `requestAccess` takes, from a question and the denial it got; undefined when people cannot be asked. */
export function requestFor(
  question: EvaluationInput,
  { context }: EvaluationResult,
): AccessRequestInput | undefined {
  const { access_request: offered, evaluation_id } = context;
  if (offered === undefined) return undefined;
  const { binding_token, expires_at, template } = offered;
  return { ...question, denial: { evaluation_id, binding_token, expires_at, template } };
}
