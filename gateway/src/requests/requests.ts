/**
 * Access requests as people see them: one use case a file, one transaction each. This file is the port the API,
 * channels and CLI are handed. Every answer a person gives passes {@link Requests.review}; nothing else can resolve a
 * request in favour (I4, I5). Views are rendered from the canonical bytes with secrets and personal data masked (I6, I7).
 */
import type {
  Eligibility,
  Explanation,
  JsonObject,
  Principal,
  Proof,
  Quorum,
  Redaction,
  RequestStatus,
  Requirement,
  ReviewDecision,
  Risk,
} from '@countersign/core';

export type Requests = {
  list(filter: RequestFilter, page: Page): Promise<PageOf<RequestSummary>>;
  /** `viewer` decides what `eligibility` says; undefined request when there is none. */
  show(id: string, viewer: string): Promise<RequestDetail | undefined>;
  review(answer: Answer): Promise<ReviewOutcome>;
  /**
   * Shows this person what is redacted inside the action, and puts that on the record first. Only who may review the
   * request may ask; afterwards `show` gives them the action in clear, and its own `rendered_digest` (I6).
   */
  reveal(id: string, by: string, reason: string): Promise<ChangeOutcome>;
  /** A person withdraws a pending request (requester's owner or an operator). */
  cancel(id: string, by: string): Promise<ChangeOutcome>;
  listApprovals(filter: { readonly active?: boolean }, page: Page): Promise<PageOf<ApprovalSummary>>;
  /** Revokes an approval not yet used up. Any reviewer who may review its request, its reviewers, and operators may. */
  revoke(approval_id: string, by: string, reason: string): Promise<ChangeOutcome>;
  /** Live changes, after commit, in commit order. Returns the unsubscribe function. */
  subscribe(listener: (change: RequestChange) => void): () => void;
};

export type RequestFilter = {
  readonly status?: RequestStatus;
  readonly agent?: string;
  readonly upstream?: string;
  readonly risk?: Risk;
  /** Only requests this person may review now. */
  readonly reviewable_by?: string;
};
/** Opaque cursor paging: newest first for lists of terminal requests, most urgent first for pending ones. */
export type Page = { readonly limit: number; readonly cursor?: string };
export type PageOf<T> = { readonly items: readonly T[]; readonly next_cursor?: string };

export type RequestSummary = {
  readonly id: string;
  readonly status: RequestStatus;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  readonly risk: Risk;
  /** One plain sentence made from facts, never from prose: `write_file on files (dev): path=/x, content=2.1 KB`. Made visible. */
  readonly sentence: string;
  readonly rules: readonly string[];
  readonly opened_at: number;
  readonly expires_at: number;
  readonly resolved_at?: number;
  readonly quorum: Quorum;
};

export type RequestDetail = RequestSummary & {
  readonly principal: Principal;
  readonly action_digest: string;
  readonly requirement: Requirement;
  readonly explanation: Explanation;
  /**
   * The canonical action, secrets and personal data blanked: a value redacted whole is null, a redacted range is `█`
   * of the same length. Draw it with core's `renderJson` and `redactions`; strings are untrusted until made visible.
   */
  readonly shown_action: JsonObject;
  readonly redactions: readonly ShownRedaction[];
  /** True when this viewer sees it in clear, after a logged reveal. */
  readonly revealed: boolean;
  /** How many invisible, reordering or look-alike characters it has; drawing it shows each. */
  readonly findings_total: number;
  /** SHA-256 of the canonical `shown_action`: an answer names it, so that it is about what was shown. */
  readonly rendered_digest: string;
  /** False when something is redacted inside interpreted text or cut: then nobody can approve from this view (I6, A4). */
  readonly approvable: { readonly ok: true } | { readonly ok: false; readonly why: string };
  /** The agent's own words, if it gave any. A claim, never a fact (A1). */
  readonly claim?: string;
  readonly reviews: readonly ShownReview[];
  readonly eligibility: Eligibility;
  readonly approval?: ApprovalSummary;
  readonly executions: readonly {
    readonly id: string;
    readonly status: string;
    readonly started_at: number;
    readonly ended_at?: number;
  }[];
  readonly timeline: readonly {
    readonly at: number;
    readonly event_id: string;
    readonly kind: string;
    readonly leaf_index: number;
    readonly summary: string;
  }[];
};

/** Where: a JSON Pointer (RFC 6901), or core's `keyPointer` for a redaction of the key itself. */
export type ShownRedaction = Redaction & { readonly pointer: string };

export type ShownReview = {
  readonly reviewer: string;
  readonly name: string;
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly reviewed_at: number;
  /** Still counts: cast by a person who is eligible now. */
  readonly counts: boolean;
};

export type ApprovalSummary = {
  readonly id: string;
  readonly request_id: string;
  readonly status: 'active' | 'used' | 'expired' | 'revoked';
  readonly agent: string;
  readonly upstream: string;
  readonly action: string;
  readonly resource: string;
  readonly approved_at: number;
  readonly approved_until: number;
  readonly uses_left: number;
};

/** A verified person's answer. Whoever builds one has authenticated the person; who that is never comes from the message (I12). */
export type Answer = {
  readonly request_id: string;
  readonly reviewer: string;
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly proof: Proof;
  /** Digests the person was shown; refused when they are not today's. Both required to approve. */
  readonly action_digest?: string;
  readonly rendered_digest?: string;
  /** Where the answer came from: `api`, `cli`, `slack`, … */
  readonly channel: string;
};

export type ReviewOutcome =
  | {
      readonly kind: 'recorded';
      readonly status: RequestStatus;
      readonly quorum: Quorum;
      readonly event_id: string;
    }
  | {
      readonly kind: 'refused';
      readonly why: ReviewRefusal;
      readonly message: string;
      readonly status?: RequestStatus;
    };
export type ReviewRefusal =
  | 'unknown_request'
  /** The request is terminal, or this person already answered: told so, and recorded (I5). */
  | 'already_resolved'
  | 'already_reviewed'
  | 'not_eligible'
  | 'shown_changed'
  | 'not_approvable'
  | 'proof_too_weak';

export type ChangeOutcome =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'refused';
      readonly why: 'unknown' | 'wrong_state' | 'not_allowed';
      readonly message: string;
    };

export type RequestChange = {
  readonly request_id: string;
  readonly status: RequestStatus;
  readonly at: number;
};
