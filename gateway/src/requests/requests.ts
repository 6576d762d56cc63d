/**
 * Access requests as people see them: one use case a file, one transaction each. This file is the port the API,
 * channels and CLI are handed. Every answer a person gives passes {@link Requests.review}; nothing else can resolve a
 * request in favour (I4, I5). Views are rendered from the canonical bytes with secrets and personal data masked (I6, I7).
 */
import type {
  GrantTerms,
  JsonObject,
  Proof,
  Quorum,
  RequestStatus,
  ReviewDecision,
  ReviewDocument,
  Risk,
  SignedDecision,
} from '@countersign/core';
import type {
  Approval,
  Erasure,
  InboxItem,
  Page as PageOf,
  RequestChange,
  RequestDetail,
  RequestSummary,
  ReviewChallenge,
  ReviewSignature,
} from '@countersign/sdk';
import type { Payload } from '../payloads.ts';
import type { Step } from '../store/store.ts';

export type Requests = {
  list(filter: RequestFilter, page: Page): Promise<PageOf<RequestSummary>>;
  /** Pending requests as one person sees them: may they review it, and if not, why not. Most urgent first. */
  inbox(person: string, filter: InboxFilter, page: Page): Promise<PageOf<InboxItem>>;
  /** How many are pending, and how many of those this person may review now. */
  waiting(person: string): Promise<Waiting>;
  /** `viewer` decides what `eligibility` says; undefined request when there is none. */
  show(id: string, viewer: string): Promise<RequestDetail | undefined>;
  review(answer: Answer): Promise<ReviewOutcome>;
  /** Asks this person's passkey to sign the answer they are about to give; {@link review} then takes it. */
  askSignature(ask: SignatureAsk): Promise<SignatureAsked>;
  /**
   * Shows this person what is redacted inside the action, and puts that on the record first. Only who may review the
   * request may ask; afterwards `show` gives them the action in clear, and its own `rendered_digest` (I6).
   */
  reveal(id: string, by: string, reason: string): Promise<ChangeOutcome>;
  /** Has what it would change looked at again, by a read of its upstream; only who may review it may ask. */
  previewAgain(id: string, by: string): Promise<ChangeOutcome>;
  /** A person withdraws a pending request (requester's owner or an operator). */
  cancel(id: string, by: string): Promise<ChangeOutcome>;
  /**
   * Takes away for good the clear text of a request that is over: no approval that could still be used, nothing running.
   * Operators only. Asked again it says when and by whom it was erased.
   */
  erase(id: string, by: string, reason: string): Promise<EraseOutcome>;
  listApprovals(filter: { readonly active?: boolean }, page: Page): Promise<PageOf<Approval>>;
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
export type InboxFilter = { readonly for_me?: boolean };
/** `more`: there are more pending than were looked at for this person. */
export type Waiting = { readonly all: number; readonly for_me: number; readonly more: boolean };
/** Opaque cursor paging: newest first for lists of terminal requests, most urgent first for pending ones. */
export type Page = { readonly limit: number; readonly cursor?: string };

/** A verified person's answer. Whoever builds one has authenticated the person; who that is never comes from the message (I12). */
export type Answer = {
  readonly request_id: string;
  readonly reviewer: string;
  readonly decision: ReviewDecision;
  readonly reason?: string;
  /** What the session proves. A signature proves more, and is judged where it is taken. */
  readonly proof: Exclude<Proof, 'passkey'>;
  /** Digests the person was shown; refused when they are not today's. Both required to approve. */
  readonly action_digest?: string;
  readonly rendered_digest?: string;
  /** The preview they were shown, by id: on the record; an approval that names one which is not the newest is refused. */
  readonly preview?: string;
  /** What the person's passkey gave for the challenge of exactly this answer, and the session that asked for it. */
  readonly signature?: ReviewSignature;
  readonly session?: string;
  /** With an approval, where the policy offers it: also this much of the same class, whatever the arguments (I3). */
  readonly grant?: GrantTerms;
  /** Where the answer came from: `api`, `cli`, `slack`, `ticketing:jira`, … */
  readonly channel: string;
  /** Set where a ticket system hands it over; without a proof of the person's own it then never counts. */
  readonly relayed?: Relayed;
};

/** An answer in a ticket system's hands. Nobody but `tickets/` makes one. */
export type Relayed = {
  /** The system, as configured. */
  readonly by: string;
  /** Closes the question it answers, whatever becomes of the answer. */
  readonly spend: Step;
  /** An ID token for exactly this answer, verified. Without it a passkey's signature comes with the answer. */
  readonly token?: RelayedToken;
};
export type RelayedToken = {
  /** Whose it is, by the provider's word: it must still be this person's when the answer is counted. */
  readonly account: string;
  readonly document: ReviewDocument;
  /** Of the payloads the document commits to. */
  readonly salts: { readonly shown: Uint8Array; readonly reason?: Uint8Array };
  /** Belongs to the transaction the answer is stored in: good once. */
  readonly take: Step;
  /** The token itself, for whoever checks it again; erased with the request. */
  readonly evidence: Payload;
  /** What the entry says of it. */
  readonly logged: JsonObject;
};

/** The answer a person is about to sign, by which session; both digests are of what they are shown. */
export type SignatureAsk = Required<
  Pick<Answer, 'request_id' | 'reviewer' | 'session' | 'action_digest' | 'rendered_digest'>
> & {
  readonly decision: SignedDecision;
  readonly reason?: string;
  /** Which of their keys; without it the one used last. */
  readonly credential_id?: string;
};
export type SignatureAsked =
  | { readonly kind: 'asked'; readonly challenge: ReviewChallenge }
  | {
      readonly kind: 'refused';
      readonly why: ReviewRefusal | 'no_passkey' | 'reason_refused';
      readonly message: string;
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
  /** The policy offers no such grant. */
  | 'grant_refused'
  | 'proof_too_weak'
  /** The passkey's signature does not count for this answer. */
  | 'signature_refused'
  /** A ticket system handed it over, and may not; or with no proof of the person's own that counts for it. */
  | 'relay_refused';

export type ChangeOutcome =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'refused';
      readonly why: 'unknown' | 'wrong_state' | 'not_allowed';
      readonly message: string;
    };

export type EraseOutcome =
  | ({ readonly kind: 'erased' } & Erasure)
  | Extract<ChangeOutcome, { readonly kind: 'refused' }>;
