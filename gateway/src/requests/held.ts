/** A held action: its open request, and the wait for it to leave `pending`. Waiting never decides anything. */
import type { Principal } from '@countersign/core';
import type { Deps } from '../deps.ts';
import type { RequestView, Verdict } from '../protocols/protocol.ts';
import { loadOwn, requesterView } from './views/requester.ts';

export async function heldVerdict(
  deps: Deps,
  principal: Principal,
  request_id: string,
): Promise<Verdict | undefined> {
  const request = await view(deps, principal, request_id);
  if (request === undefined) return undefined;
  return {
    kind: 'held',
    held: { request, settled: (signal) => settled(deps, { principal, opened: request }, signal) },
  };
}

async function settled(
  deps: Deps,
  { principal, opened }: { readonly principal: Principal; readonly opened: RequestView },
  signal: AbortSignal,
): Promise<RequestView> {
  // Listen first, then look: a change between the two is not missed.
  const looked = new AbortController();
  const stop = (): void => looked.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const change = deps.bus.settled(opened.id, looked.signal);
  const now = await view(deps, principal, opened.id).catch(() => undefined);
  if (now !== undefined && now.status !== 'pending') {
    stop();
    return now;
  }
  await change;
  signal.removeEventListener('abort', stop);
  return (await view(deps, principal, opened.id).catch(() => undefined)) ?? opened;
}

async function view(deps: Deps, principal: Principal, request_id: string): Promise<RequestView | undefined> {
  const stored = await loadOwn(deps, principal, request_id);
  return stored === undefined ? undefined : requesterView(deps, stored);
}
