/**
 * What the agents' HTTP side (AuthZEN, ARAP) needs of a session beyond the port every protocol has. Here the caller is
 * its own enforcement point: asking never opens a request, requesting does, and `decision: true` on an approval uses
 * it up and is recorded as `enforced_by: caller`. An approval is never a bearer grant (I3).
 */
import type { CanonicalAction, Evaluation, Obligation } from '@countersign/core';
import type { Admission, RequestView, Session, Shown } from '../../protocols/protocol.ts';

export type AdmitAccess = (credential: string, shown?: Shown) => AccessAdmission | Promise<AccessAdmission>;
export type AccessAdmission =
  | { readonly admitted: true; readonly session: AccessSession }
  | Extract<Admission, { admitted: false }>;

export type AccessSession = Session & {
  /**
   * Decides and records, and opens nothing. With `approval_id`, policy is evaluated again under that approval, and a
   * `permitted` answer has redeemed one use in the transaction that wrote `execution started`, `enforced_by: caller`.
   */
  ask(evaluation: Evaluation, approval_id?: string): Promise<Answer>;
  /** Opens the access request, or joins the open one for the same action of the same caller. */
  open(evaluation: Evaluation): Promise<Opening>;
  /** The live approval of the caller's own request; undefined when it has none, or for anyone else's. */
  approvalOf(request_id: string): Promise<GivenApproval | undefined>;
};

export type Answer =
  | {
      readonly kind: 'permitted';
      readonly evaluation_id: string;
      readonly obligations: readonly Obligation[];
    }
  | { readonly kind: 'requestable'; readonly evaluation_id: string; readonly message: string }
  | {
      readonly kind: 'refused';
      readonly evaluation_id: string;
      readonly reason: RefusedWhy;
      readonly message: string;
    };

/** ARAP's reasons for a refused (re-)evaluation, and the gateway being unable to answer at all (I1). */
export type RefusedWhy =
  | 'policy_denied'
  | 'approval_expired'
  | 'approval_unverifiable'
  | 'out_of_scope'
  | 'grant_pending'
  | 'unavailable';

export type Opening =
  | { readonly kind: 'opened' | 'joined'; readonly request: RequestView }
  /** Policy answers this without people, or nobody could review it: nothing to request. */
  | { readonly kind: 'not_requestable'; readonly message: string }
  | {
      readonly kind: 'refused';
      readonly reason: 'too_many_pending' | 'asked_too_often' | 'unavailable';
      readonly message: string;
    };

export type GivenApproval = {
  readonly approval_id: string;
  readonly evaluation_id: string;
  readonly action: CanonicalAction;
  readonly action_digest: string;
  readonly approved_at: number;
  readonly approved_until: number;
  readonly uses: number;
};
