/**
 * Methods that pass under the upstream's `session.open` permit: lists, discovery, log levels, subscriptions. They read
 * what the upstream says of itself. What comes back is masked like everything else, `tools/list` shows accepted tools
 * only, and on 2026-07-28 nothing may be cached beyond this caller and this moment.
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { withReason } from '../tools/reason.ts';
import type { Outgoing } from '../upstream/link.ts';
import { modernHeaders } from '../wire/headers.ts';
import { CODE, type Request, WireError, writeAnswer, writeMessage } from '../wire/message.ts';
import { KEEPALIVE_MS } from '../wire/reply.ts';
import { brokenAnswer } from './answers.ts';
import type { Call } from './call.ts';
import { outdated } from './outdated.ts';
import { fetchPage } from './page.ts';
import { answerWith, listenerOf, type Ran, ranFrom } from './run.ts';
import { waitToolName, waitToolOf } from './wait-tool.ts';

/** Passes one request on, and its answer back. */
export async function pass(call: Call): Promise<Ran> {
  const { peer, request, reply } = call;
  const shape = { method: request.method, modern: peer.era === 'modern', has_output_schema: false };
  const giveBack = request.method === 'subscriptions/listen' ? streamPlace(call) : undefined;
  const patience = setTimeout(() => reply.stream(), KEEPALIVE_MS);
  // Only a subscription may be silent, and open, for as long as nothing changes.
  const lasting = request.method === 'subscriptions/listen' ? outdated(peer) : undefined;
  const over =
    lasting === undefined ? call.caller.signal : AbortSignal.any([call.caller.signal, lasting.signal]);
  try {
    const ending = await peer.link.request(passedOn(call), listenerOf(call, peer.permit), over);
    await reply.told();
    const ran: Ran =
      ending.kind === 'suspended'
        ? {
            answer: brokenAnswer(shape, 'broke_off', 'unknown'),
            status: 502,
            outcome: { status: 'unknown', summary: '' },
            session_over: false,
          }
        : await ranFrom(ending, { shape, permit: peer.permit });
    if (lasting?.signal.aborted === true) reply.end();
    else answerWith(call, ran);
    return ran;
  } finally {
    lasting?.stop();
    giveBack?.();
    clearTimeout(patience);
  }
}

/** Of a stream that lasts. @throws WireError when this agent has as many as it may (A21) */
export function streamPlace({ shared, door }: Pick<Call, 'shared' | 'door'>): () => void {
  const giveBack = shared.streams.take(door.principal.agent);
  if (giveBack !== undefined) return giveBack;
  throw new WireError('Too many streams of this agent are open; end some', {
    status: 503,
    code: CODE.refused,
  });
}

function passedOn({ peer, request, bytes }: Call): Outgoing<Request> {
  if (peer.era === 'legacy') return { message: request, text: bytes, headers: {} };
  const params = request.method === 'subscriptions/listen' ? withoutTaskIds(request.params) : request.params;
  const message = params === request.params ? request : { ...request, params };
  return {
    message,
    text: message === request ? bytes : writeMessage(message),
    headers: modernHeaders(request.method, params),
  };
}

/** Task ids here are the gateway's own: the upstream knows none of them, and pushing task status is optional. */
function withoutTaskIds(params: JsonObject): JsonObject {
  const wanted = params['notifications'];
  if (!isJsonObject(wanted) || !Object.hasOwn(wanted, 'taskIds')) return params;
  const { taskIds: _ours, ...notifications } = wanted;
  return { ...params, notifications };
}

/** `tools/list`: accepted tools, in the order of their names, on one page. */
export async function listTools(call: Call): Promise<void> {
  const { peer, request, reply, shared } = call;
  const found = await peer.catalog.list(fetchPage(call));
  if (found === undefined) {
    reply.answer(
      writeAnswer(request.id, {
        error: { code: CODE.internal_error, message: 'The upstream did not list its tools; try again later' },
      }),
    );
    return;
  }
  const upstream = peer.upstream.id;
  const tools = found.tools.map((tool) => {
    const resource = tool['name'];
    return typeof resource === 'string' && shared.deps.asksReason({ upstream, resource })
      ? withReason(tool)
      : tool;
  });
  const all = { ...found.head, tools: [...tools, waitToolOf(waitToolName(peer.catalog))] };
  const { value: shown } = await peer.permit.maskApart(all as JsonObject);
  const result: Json =
    isJsonObject(shown) && peer.era === 'modern'
      ? { resultType: 'complete', ...shown, ttlMs: 0, cacheScope: 'private' }
      : shown;
  reply.answer(writeAnswer(request.id, { result }));
}
