/** A grant ends before its time: what today's people no longer carry, what somebody takes back, what is overdue. Each on the record (I5). */
import type { JsonObject } from '@countersign/core';
import type { Deps } from '../deps.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';

type Ending = {
  readonly grant_id: string;
  readonly reason: JsonObject;
  /** The person who took it back; without one, policy did. */
  readonly by?: string;
  /** What belongs to the same transaction. */
  readonly steps?: readonly Step[];
};

/** False: it had ended already. */
export async function endGrant(
  deps: Deps,
  stored: StoredRequest,
  { grant_id, reason, by, steps = [] }: Ending,
): Promise<boolean> {
  const now = deps.now();
  const event = deps.events.resolved(stored.about, {
    at: now,
    request_id: stored.request.id,
    opened_at: stored.request.opened_at,
    status: 'grant-revoked',
    grant: { id: grant_id },
    reason,
    ...(by === undefined ? {} : { by }),
  });
  const outcome = await deps.store.commit({
    name: 'end-grant',
    steps: [
      {
        name: 'end',
        sql: "UPDATE grants SET status = 'revoked', revoked_by = $2, revoked_at = $3 WHERE id = $1 AND status = 'active'",
        params: [grant_id, by ?? 'policy', now],
        rows: 1,
      },
      ...steps,
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) return false;
  event.committed();
  deps.bus.publish({ request_id: stored.request.id, status: stored.request.status, at: now });
  return true;
}

/** The sweeper's: a grant whose time is up. */
export async function expireGrant(deps: Deps, stored: StoredRequest, grant_id: string): Promise<boolean> {
  const now = deps.now();
  const event = deps.events.resolved(stored.about, {
    at: now,
    request_id: stored.request.id,
    opened_at: stored.request.opened_at,
    status: 'grant-expired',
    grant: { id: grant_id },
  });
  const outcome = await deps.store.commit({
    name: 'grant-expired',
    steps: [
      {
        name: 'expire',
        sql: "UPDATE grants SET status = 'expired' WHERE id = $1 AND status = 'active' AND given_until <= $2",
        params: [grant_id, now],
        rows: 1,
      },
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) return false;
  event.committed();
  deps.bus.publish({ request_id: stored.request.id, status: stored.request.status, at: now });
  return true;
}
