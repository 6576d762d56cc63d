/**
 * What an approved request yields: one action digest, for one principal, until a time, for some uses (I3).
 * `active` → `used` | `expired` | `revoked`, each terminal (I5). And the execution it is redeemed by.
 */

type Given = {
  readonly id: string;
  readonly request_id: string;
  readonly action_digest: string;
  /** Unix milliseconds. */
  readonly approved_at: number;
  readonly approved_until: number;
};
export type Active = Given & { readonly status: 'active'; readonly uses_left: number };
export type Used = Given & { readonly status: 'used' };
export type ExpiredApproval = Given & { readonly status: 'expired' };
export type Revoked = Given & {
  readonly status: 'revoked';
  readonly revoked_by: string;
  readonly revoked_at: number;
};
export type Approval = Active | Used | ExpiredApproval | Revoked;

export const isLive = (approval: Approval, now: number): approval is Active =>
  approval.status === 'active' && approval.uses_left > 0 && now < approval.approved_until;

/** One use of a live approval. The last use ends it. */
export function redeem(approval: Active): Active | Used {
  if (approval.uses_left > 1) return { ...approval, uses_left: approval.uses_left - 1 };
  const { uses_left: _, ...given } = approval;
  return { ...given, status: 'used' };
}

export function revoke(approval: Active, revoked_by: string, now: number): Revoked {
  const { uses_left: _, ...given } = approval;
  return { ...given, status: 'revoked', revoked_by, revoked_at: now };
}

/** One run of a permitted action. `unknown` means it may have run; it is never run again by itself (I9). */
export const EXECUTION_STATUSES = ['started', 'succeeded', 'failed', 'unknown'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
export type ExecutionOutcome = Exclude<ExecutionStatus, 'started'>;
