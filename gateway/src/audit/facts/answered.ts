/** What people answered, and what became of the request, and of what it yielded. */
import type { JsonObject, RequestStatus } from '@countersign/core';
import type { AuditFact } from '../audit.ts';
import { type About, base, type Timed, termsOf, what } from './about.ts';

export type Reviewed = Timed & {
  readonly request_id: string;
  readonly review_id?: string;
  readonly reviewer: string;
  readonly decision: 'approved' | 'denied';
  readonly channel: string;
  readonly proof: string;
  /** The absent people in whose seats the reviewer may sit, having none of their own. */
  readonly for?: readonly string[];
  /** What the reviewer was ready to grant beyond the one action. */
  readonly grant?: { readonly lasts_ms: number; readonly uses: number };
  readonly reason?: JsonObject;
  /** A commitment to the digest of what the person was shown: bare, it could be tried against guesses of the action. */
  readonly shown?: JsonObject;
  /** The preview they looked at: its own entries say what was read. */
  readonly preview?: string;
  /** What the reviewer's passkey signed, and the assertion, verbatim: anyone with the log can check it (WIRE §4). */
  readonly signed?: JsonObject;
  /** By which ticket system it was handed over, with what proof of the person's own. */
  readonly relayed?: JsonObject;
  /** Set when the answer did not count: late, a second one, or not theirs to give (I5). */
  readonly refused?: string;
};

export function reviewFact(about: About, reviewed: Reviewed): AuditFact {
  return {
    ...base(about),
    kind: 'review',
    occurred_at: reviewed.at,
    task_id: reviewed.request_id,
    predicate: {
      decision: reviewed.decision,
      reviewer: reviewed.reviewer,
      channel: reviewed.channel,
      proof: reviewed.proof,
      counted: reviewed.refused === undefined,
      ...(reviewed.review_id === undefined ? {} : { review_id: reviewed.review_id }),
      ...(reviewed.refused === undefined ? {} : { refused: reviewed.refused }),
      ...(reviewed.for === undefined ? {} : { for: reviewed.for }),
      ...(reviewed.grant === undefined ? {} : { grant: reviewed.grant }),
      ...(reviewed.shown === undefined ? {} : { shown: reviewed.shown }),
      ...(reviewed.preview === undefined ? {} : { preview: reviewed.preview }),
      ...(reviewed.signed === undefined ? {} : { signed: reviewed.signed }),
      ...(reviewed.relayed === undefined ? {} : { relayed: reviewed.relayed }),
      ...(reviewed.reason === undefined ? {} : { reason: reviewed.reason }),
    },
    terms: { ...termsOf(about), request_id: reviewed.request_id, reviewer: reviewed.reviewer },
  };
}

export type ResolvedEvent = Timed & {
  readonly request_id: string;
  readonly status:
    | Exclude<RequestStatus, 'pending'>
    | 'approval-revoked'
    | 'approval-expired'
    | 'grant-revoked'
    | 'grant-expired';
  readonly by?: string;
  readonly approval?: { readonly id: string; readonly approved_until: number; readonly uses: number };
  /** Given with the approval, or ended. */
  readonly grant?: { readonly id: string; readonly until?: number; readonly uses?: number };
  /** Approved by whoever broke this glass, without a quorum. */
  readonly broken_glass?: string;
  readonly answers?: readonly string[];
  readonly reason?: JsonObject;
};

export function resolutionFact(about: About, resolved: ResolvedEvent): AuditFact {
  return {
    ...base(about),
    kind: 'resolution',
    occurred_at: resolved.at,
    task_id: resolved.request_id,
    ...(resolved.answers === undefined ? {} : { answers: resolved.answers }),
    predicate: {
      status: resolved.status,
      what: what(about),
      ...(resolved.by === undefined ? {} : { by: resolved.by }),
      ...(resolved.approval === undefined ? {} : { approval: resolved.approval }),
      ...(resolved.grant === undefined ? {} : { grant: resolved.grant }),
      ...(resolved.broken_glass === undefined ? {} : { broken_glass: resolved.broken_glass }),
      ...(resolved.reason === undefined ? {} : { reason: resolved.reason }),
    },
    terms: {
      ...termsOf(about),
      request_id: resolved.request_id,
      // A ticket system reviews nothing: what it ended is found by its request, not among what a reviewer did.
      ...(resolved.by === undefined || resolved.by.startsWith('ticketing:') ? {} : { reviewer: resolved.by }),
    },
  };
}
