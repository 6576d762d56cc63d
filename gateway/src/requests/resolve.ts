/**
 * Ends a pending request: the compare-and-swap every ending shares. A request leaves `pending` once (I5), together
 * with the entry that says so (I10).
 */
import type { RequestStatus } from '@countersign/core';
import type { ResolvedEvent } from '../audit/facts/answered.ts';
import type { Deps } from '../deps.ts';
import type { Event } from '../events.ts';
import type { Step } from '../store/store.ts';
import type { Resolution, StoredRequest } from './views/row.ts';

export type Ending = {
  readonly status: Exclude<RequestStatus, 'pending'>;
  readonly now: number;
  readonly by?: string;
  readonly answers?: readonly string[];
  readonly reason_payload_id?: string;
  readonly reason?: ResolvedEvent['reason'];
  readonly approval?: ResolvedEvent['approval'];
  readonly grant?: ResolvedEvent['grant'];
  /** It was not a quorum that let it through. */
  readonly broken_glass?: string;
};

export type Prepared = { readonly step: Step; readonly event: Event };

/** The step and the entry; the caller commits them with whatever else belongs to its use case. */
export function prepareEnding(deps: Deps, stored: StoredRequest, ending: Ending): Prepared {
  const { status, now, by, answers, reason, approval, grant, broken_glass } = ending;
  const { id, opened_at } = stored.request;
  const event = deps.events.resolved(stored.about, {
    at: now,
    request_id: id,
    opened_at,
    status,
    ...(by === undefined ? {} : { by }),
    ...(answers === undefined ? {} : { answers }),
    ...(reason === undefined ? {} : { reason }),
    ...(approval === undefined ? {} : { approval }),
    ...(grant === undefined ? {} : { grant }),
    ...(broken_glass === undefined ? {} : { broken_glass }),
  });
  const resolution: Resolution = {
    event: event.entry.event_id,
    ...(by === undefined ? {} : { by }),
    ...(broken_glass === undefined ? {} : { broken_glass }),
    ...(ending.reason_payload_id === undefined ? {} : { reason_payload_id: ending.reason_payload_id }),
  };
  // An expired request can only expire: whoever comes late with another ending finds no row (A17).
  const inTime = status === 'expired' ? 'expires_at <= $3' : 'expires_at > $3';
  const step: Step = {
    name: 'resolve',
    sql: `UPDATE requests SET status = $2, resolved_at = $3, resolution = $4, approval_id = $5 WHERE id = $1 AND status = 'pending' AND ${inTime}`,
    params: [id, status, now, JSON.stringify(resolution), approval?.id ?? null],
    rows: 1,
  };
  return { step, event };
}

/** Commits an ending that stands alone, and tells those who wait. False: the request had already left `pending`. */
export async function endRequest(deps: Deps, stored: StoredRequest, ending: Ending): Promise<boolean> {
  const { step, event } = prepareEnding(deps, stored, ending);
  const outcome = await deps.store.commit({
    name: `request-${ending.status}`,
    steps: [step],
    entries: [event.entry],
  });
  if (!outcome.ok) return false;
  event.committed();
  deps.bus.publish({ request_id: stored.request.id, status: ending.status, at: ending.now });
  return true;
}
