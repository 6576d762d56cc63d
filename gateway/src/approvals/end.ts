/** An approval ends before it is used: what today's policy or people no longer carry, and what is overdue. Each on the record (I5). */
import type { Ineligible } from '@countersign/core';
import type { GlassLost } from '../break-glass/standing.ts';
import type { Deps } from '../deps.ts';
import { endGiven } from '../requests/ending/given.ts';
import type { StoredRequest } from '../requests/views/row.ts';

/** Somebody whose answer counted when it was given and does not now, and why. */
export type Lost = { readonly reviewer: string; readonly why: Ineligible | GlassLost['why'] };

type Ending = {
  readonly approval_id: string;
  readonly why: string;
  readonly lost?: readonly Lost[];
  readonly older_than_ms?: number;
};

/** A new request may follow. False: it had ended already, or is not as old as `older_than_ms`. */
export function endApproval(
  deps: Deps,
  stored: StoredRequest,
  { approval_id, why, lost, older_than_ms = 0 }: Ending,
): Promise<boolean> {
  const now = deps.now();
  return endGiven(deps, stored, {
    name: 'end-approval',
    status: 'approval-revoked',
    now,
    reason: { why, ...(lost === undefined ? {} : { lost }) },
    steps: [
      {
        name: 'end',
        sql: "UPDATE approvals SET status = 'revoked', revoked_by = 'policy', revoked_at = $2 WHERE id = $1 AND status = 'active' AND approved_at + $3 <= $2",
        params: [approval_id, now, older_than_ms],
        rows: 1,
      },
    ],
  });
}

/** The sweeper's: an approval whose time is up. */
export function expireApproval(deps: Deps, stored: StoredRequest, approval_id: string): Promise<boolean> {
  const now = deps.now();
  return endGiven(deps, stored, {
    name: 'approval-expired',
    status: 'approval-expired',
    now,
    steps: [
      {
        name: 'expire',
        sql: "UPDATE approvals SET status = 'expired' WHERE id = $1 AND status = 'active' AND approved_until <= $2",
        params: [approval_id, now],
        rows: 1,
      },
    ],
  });
}
