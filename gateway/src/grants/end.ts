/** A grant ends before its time: what today's people no longer carry, what somebody takes back, what is overdue. Each on the record (I5). */
import type { JsonObject } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { endGiven } from '../requests/ending/given.ts';
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
export function endGrant(
  deps: Deps,
  stored: StoredRequest,
  { grant_id, reason, by, steps = [] }: Ending,
): Promise<boolean> {
  const now = deps.now();
  return endGiven(deps, stored, {
    name: 'end-grant',
    status: 'grant-revoked',
    now,
    grant: { id: grant_id },
    reason,
    ...(by === undefined ? {} : { by }),
    steps: [
      {
        name: 'end',
        sql: "UPDATE grants SET status = 'revoked', revoked_by = $2, revoked_at = $3 WHERE id = $1 AND status = 'active'",
        params: [grant_id, by ?? 'policy', now],
        rows: 1,
      },
      ...steps,
    ],
  });
}

/** The sweeper's: a grant whose time is up. */
export function expireGrant(deps: Deps, stored: StoredRequest, grant_id: string): Promise<boolean> {
  const now = deps.now();
  return endGiven(deps, stored, {
    name: 'grant-expired',
    status: 'grant-expired',
    now,
    grant: { id: grant_id },
    steps: [
      {
        name: 'expire',
        sql: "UPDATE grants SET status = 'expired' WHERE id = $1 AND status = 'active' AND given_until <= $2",
        params: [grant_id, now],
        rows: 1,
      },
    ],
  });
}
