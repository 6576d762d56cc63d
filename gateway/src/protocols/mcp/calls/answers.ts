/**
 * What an agent is told when its call does not simply run: pending, refused, expired, lost. For tools always a tool
 * result a model can act on, never a protocol error (WIRE §8). Only the gateway's own words, and nothing the caller may
 * not know.
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { Refusal, RequestView, StoredResult } from '../../protocol.ts';
import { CAUSES, type Cause } from '../upstream/link.ts';
import { type Answer, CODE, type RpcId, writeAnswer } from '../wire/message.ts';
import type { Reply } from '../wire/reply.ts';

export const REQUEST_META = 'countersign/request';
const REPLAYED_META = 'countersign/replayed';

/** How an answer must look for the method and the tool at hand. */
export type Shape = {
  readonly method: string;
  readonly modern: boolean;
  /** The tool declares an `outputSchema`: official clients throw at any `structuredContent` that does not fit it. */
  readonly has_output_schema: boolean;
};

function told(shape: Shape, sentence: string, request: RequestView | undefined): Answer {
  const about = request === undefined ? {} : { _meta: { [REQUEST_META]: requestMeta(request) } };
  if (shape.method !== 'tools/call') {
    const data = request === undefined ? {} : { data: { [REQUEST_META]: requestMeta(request) } };
    return { error: { code: CODE.refused, message: sentence, ...data } };
  }
  const structured =
    shape.has_output_schema || request === undefined ? {} : { structuredContent: structuredOf(request) };
  const kind = shape.modern ? { resultType: 'complete' } : {};
  return {
    result: { ...kind, content: [{ type: 'text', text: sentence }], isError: true, ...structured, ...about },
  };
}

export const requestMeta = (view: RequestView): JsonObject => ({
  id: view.id,
  status: view.status,
  url: view.review_url,
  expires_at: new Date(view.expires_at).toISOString(),
});

export const structuredOf = (view: RequestView): JsonObject => ({
  approval_id: view.id,
  status: view.status,
  expires_at: new Date(view.expires_at).toISOString(),
});

/** `wait_tool`: what the tool is called here that waits for the answer. Only who calls tools can use it. */
export function pendingAnswer(shape: Shape, view: RequestView, wait_tool: string): Answer {
  const wait =
    shape.method === 'tools/call'
      ? `To wait for the answer, call the tool ${wait_tool} with {"approval_id": "${view.id}", "wait_s": 45}. `
      : '';
  const sentence =
    `This action needs a person’s approval and has not run. Request ${view.id} is waiting for review at ${view.review_url} until ${new Date(view.expires_at).toISOString()}. ${wait}` +
    'Call again with exactly the same arguments to get the result once it is approved. Changing the arguments asks for a new approval.';
  return told(shape, sentence, view);
}

/** A request that left `pending` without an approval. */
export function settledAnswer(shape: Shape, view: RequestView): Answer {
  return told(shape, settledSentence(view), view);
}

export function settledSentence(view: RequestView): string {
  switch (view.status) {
    case 'pending':
      return `Request ${view.id} is waiting for review at ${view.review_url}. Nothing has run.`;
    case 'approved':
      return approvedSentence(view);
    case 'denied':
      return deniedSentence(view);
    case 'expired':
      return 'Nobody reviewed this action in time. Nothing was run. Calling again with the same arguments asks again.';
    case 'cancelled':
      return 'The request for this action was withdrawn. Nothing was run.';
    case 'failed':
      return 'The request for this action could not be completed. Nothing was run.';
  }
}

/** By a person, or by a ticket system in its own name: the agent is told which. */
function deniedSentence({ refused_by, reason }: RequestView): string {
  const who = refused_by === undefined ? 'A reviewer denied' : `The ticket system ${refused_by} refused`;
  const speaker = refused_by === undefined ? 'The reviewer' : 'It';
  const said = reason === undefined ? '' : ` ${speaker} said: ${reason}`;
  return `${who} this action. Nothing was run. Do not repeat it unchanged.${said}`;
}

function approvedSentence(view: RequestView): string {
  switch (view.execution?.status) {
    case undefined:
      return `Request ${view.id} is approved. Call the tool again with exactly the same arguments: it then runs, once.`;
    case 'started':
      return `Request ${view.id} is approved and running now. Call the tool again with the same arguments for its result.`;
    case 'unknown':
      return `Request ${view.id} was approved and may have run; its outcome is unknown. It is not run again. A person must look.`;
    default:
      return `Request ${view.id} was approved and has run.`;
  }
}

export const refusedAnswer = (shape: Shape, refusal: Refusal): Answer => {
  const { request, message } = refusal;
  return told(shape, request?.status === 'denied' ? deniedSentence(request) : message, request);
};

export const quarantinedAnswer = (shape: Shape, tool: string, changed: boolean): Answer =>
  told(
    shape,
    `The tool ${tool} ${changed ? 'changed since an operator accepted it' : 'is not yet accepted by an operator'}, so it cannot be called. Nothing was run. ` +
      'The operator can compare and accept it with: countersign tools list, countersign tools diff, countersign tools accept.',
    undefined,
  );

export const absentAnswer = (tool: string): Answer => ({
  error: { code: CODE.invalid_params, message: `Unknown tool: ${tool}` },
});

export const noCatalogAnswer = (shape: Shape): Answer =>
  told(
    shape,
    'The upstream did not say what tools it has, so none can be called now. Nothing was run. Try again later.',
    undefined,
  );

/** The upstream gave no usable answer. `ran` says what is known of the action itself. */
export function brokenAnswer(shape: Shape, cause: Cause, ran: 'no' | 'unknown'): Answer {
  const sentence =
    ran === 'no'
      ? `The call did not run: ${CAUSES[cause]}.`
      : `The call was sent, but ${CAUSES[cause]}. It may have run: check before you repeat it.`;
  if (shape.method === 'tools/call') return told(shape, sentence, undefined);
  return { error: { code: CODE.internal_error, message: sentence } };
}

/** An answer kept since the run whose reply was lost, marked as such. Anything unreadable is told as unknown. */
export function replayedAnswer(shape: Shape, { body }: StoredResult, execution_id: string): Answer {
  const kept = JSON.parse(body) as Json;
  if (!isJsonObject(kept)) return brokenAnswer(shape, 'broke_off', 'unknown');
  const { result, error } = kept;
  if (isJsonObject(error)) return { error };
  if (!isJsonObject(result)) return { result: result ?? null };
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  return { result: { ...result, _meta: { ...meta, [REPLAYED_META]: { execution_id } } } };
}

/** JSON text of an answer, to be kept for a lost reply. */
export const keptBody = (answer: Answer): StoredResult => ({ body: JSON.stringify(answer) });

/** Answers in the gateway's own words. */
export const say = (reply: Reply, id: RpcId, answer: Answer): void => reply.answer(writeAnswer(id, answer));
