/** Writes the approval a resolved request yields: for exactly its action, until a time, for some uses (I3). */
import type { ResolvedEvent } from '../audit/facts/answered.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';

export type Given = NonNullable<ResolvedEvent['approval']>;

/** A step of the transaction that resolves the request. */
export function giveApproval(
  { request, match_key, explanation }: StoredRequest,
  { id, approved_until, uses }: Given,
  now: number,
): Step {
  return {
    name: 'give-approval',
    sql: `INSERT INTO approvals (id, request_id, match_key, action_digest, agent, status, approved_at, approved_until, uses_left, policy_digest, revoked_by, revoked_at)
          VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $9, NULL, NULL)`,
    params: [
      id,
      request.id,
      match_key,
      request.action_digest,
      request.principal.agent,
      now,
      approved_until,
      uses,
      explanation.policy.digest,
    ],
    rows: 1,
  };
}
