/** Takes back an approval that is not used up. What already ran has run; nothing more will (I3, I5). */
import { entitlement } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { payloadId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import { loadCase } from '../requests/case.ts';
import { endGiven } from '../requests/ending/given.ts';
import { loadRequest } from '../requests/load.ts';
import type { ChangeOutcome } from '../requests/requests.ts';
import type { StoredRequest } from '../requests/views/row.ts';

export async function revokeApproval(
  deps: Deps,
  approval_id: string,
  { by, reason }: { by: string; reason: string },
): Promise<ChangeOutcome> {
  const [row] = await deps.store.read({
    sql: 'SELECT request_id FROM approvals WHERE id = $1',
    params: [approval_id],
  });
  const stored = row === undefined ? undefined : await loadRequest(deps.store, String(row['request_id']));
  if (stored === undefined) return { kind: 'refused', why: 'unknown', message: 'There is no such approval.' };
  if (!(await mayRevoke(deps, stored, by))) {
    return {
      kind: 'refused',
      why: 'not_allowed',
      message: 'Only people who may review the request, who did, and operators revoke its approval.',
    };
  }
  const now = deps.now();
  const payload: Payload = { id: payloadId(now), kind: 'reason', salt: newSalt(), body: reason };
  const ended = await endGiven(deps, stored, {
    name: 'revoke',
    status: 'approval-revoked',
    now,
    by,
    reason: sealed(payload),
    steps: [
      {
        name: 'revoke',
        sql: "UPDATE approvals SET status = 'revoked', revoked_by = $2, revoked_at = $3 WHERE id = $1 AND status = 'active'",
        params: [approval_id, by, now],
        rows: 1,
      },
      storePayloadOf(stored.request.id, payload, now),
    ],
  });
  return ended
    ? { kind: 'done' }
    : { kind: 'refused', why: 'wrong_state', message: 'The approval is no longer active.' };
}

async function mayRevoke(deps: Deps, stored: StoredRequest, by: string): Promise<boolean> {
  const authority = deps.authority.current();
  const person = authority.directory.person(by);
  if (person === undefined || !person.active) return false;
  if (person.roles.includes('operator')) return true;
  const theCase = await loadCase(deps, stored, { authority });
  // Whoever broke the glass takes it back, too.
  if (stored.resolution?.broken_glass !== undefined && stored.resolution.by === by) return true;
  return (
    entitlement(person, theCase).eligible || theCase.reviews.some(({ reviewer }) => reviewer === person.id)
  );
}
