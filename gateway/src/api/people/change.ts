/** The answer to a change that either happened or was refused with a reason; and why somebody's answer to a request was. */
import type { HeldChange } from '@countersign/sdk';
import type { ChangeOutcome, ReviewRefusal } from '../../requests/requests.ts';
import { type Problem, type ProblemKind, problem } from '../http/problem.ts';
import { Reply } from '../http/route.ts';
import type { Accepted, Held } from '../ports.ts';

const kinds = {
  unknown: 'not_found',
  wrong_state: 'wrong_state',
  not_allowed: 'not_allowed',
} as const satisfies {
  readonly [why: string]: ProblemKind;
};

type Refused = Extract<ChangeOutcome, { readonly kind: 'refused' }>;

export const refusedChange = ({ why, message }: Refused): Problem => problem(kinds[why], message);

export const changed = (outcome: ChangeOutcome): Reply<undefined> | Problem =>
  outcome.kind === 'done' ? new Reply(undefined, 204) : refusedChange(outcome);

/** A change people must agree to first is a request like any other: 202, and where to look. */
export const madeOrHeld = (outcome: Accepted): Reply<HeldChange | undefined> | Problem =>
  outcome.kind === 'held' ? heldReply(outcome) : changed(outcome);

export const heldReply = ({ request_id, expires_at }: Held): Reply<HeldChange> =>
  new Reply({ status: 'pending', request_id, expires_at }, 202, { location: `/api/requests/${request_id}` });

/** A review, its signature, or a glass broken for want of one. */
export const refusedAnswers: {
  readonly [W in ReviewRefusal | 'no_passkey' | 'reason_refused']: ProblemKind;
} = {
  unknown_request: 'not_found',
  already_resolved: 'already_resolved',
  already_reviewed: 'already_reviewed',
  not_eligible: 'not_eligible',
  shown_changed: 'shown_changed',
  not_approvable: 'not_approvable',
  grant_refused: 'not_allowed',
  proof_too_weak: 'proof_too_weak',
  signature_refused: 'passkey_refused',
  relay_refused: 'not_allowed',
  no_passkey: 'no_passkey',
  reason_refused: 'invalid_request',
};
