/** How the gateway itself asks an upstream for its tools: under `session.open`, with the words of the caller at hand. */
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { FetchPage } from '../tools/catalog.ts';
import { modernHeaders } from '../wire/headers.ts';
import { type Request, writeMessage } from '../wire/message.ts';
import type { Call, Peer, Shared } from './call.ts';
import { sessionEnded } from './run.ts';

export type Asking = Pick<Call, 'talk'> & {
  readonly peer: Pick<Peer, 'upstream' | 'era' | 'link'>;
  readonly shared: Pick<Shared, 'next_id'>;
};

/** One page of the upstream's tools, asked in the gateway's own name with this caller's words. @throws WireError when the upstream's session has ended */
export function fetchPage(call: Asking): FetchPage {
  const { peer, shared } = call;
  const { progressToken: _token, ...talk } = call.talk;
  let over: AbortSignal | undefined;
  return async (cursor) => {
    // All pages together may take what one silence may: a list is no reason to wait for hours (I15).
    over ??= AbortSignal.timeout(peer.upstream.config.call_timeout_ms);
    const meta = peer.era === 'modern' ? { _meta: talk } : {};
    const params: JsonObject = { ...(cursor === undefined ? {} : { cursor }), ...meta };
    const request: Request = {
      kind: 'request',
      id: ownId(shared),
      method: 'tools/list',
      params,
    };
    const headers = peer.era === 'modern' ? modernHeaders('tools/list', params) : {};
    const ending = await peer.link.request(
      { message: request, text: writeMessage(request), headers },
      {},
      over,
    );
    const gone =
      peer.era === 'legacy' &&
      (ending.kind === 'answered' || ending.kind === 'refused') &&
      ending.status === 404;
    if (gone) throw sessionEnded();
    const result = ending.kind === 'answered' ? ending.answer.message.result : undefined;
    return isJsonObject(result) ? result : undefined;
  };
}

/** An id for a request of the gateway's own: no caller's can be mistaken for it within one session. */
export function ownId(shared: Pick<Shared, 'next_id'>): string {
  shared.next_id += 1;
  return `countersign-${shared.next_id}`;
}
