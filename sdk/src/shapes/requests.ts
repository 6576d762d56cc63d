/**
 * What the people's API says about access requests and approvals. Plain types, no validation code: the gateway's tests
 * prove that its own schemas describe exactly these. They must never carry a secret or an unmasked personal value (I7).
 * Times are unix milliseconds.
 */
import type {
  Eligibility,
  Explanation,
  GrantTerms,
  Ineligible,
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
import type { GlassMark, GlassOffer } from './glass/marks.ts';
import type { Grant } from './grants.ts';
import type { ReviewSignature } from './passkeys.ts';
import type { Preview } from './shown/previews.ts';

export type Page<T> = { readonly items: readonly T[]; readonly next_cursor?: string };

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
  /** Let through by one person in an emergency, without the others. */
  readonly broken_glass?: GlassMark;
};

/** A pending request as one person sees it. */
export type InboxItem = RequestSummary & {
  /** Whether this person may answer now, and if not, why not. */
  readonly eligibility: Eligibility;
  /** How strongly they must prove themselves for their answer to count; absent when they may not answer. */
  readonly proof_needed?: Proof;
  /** Who has answered, in the order they did. */
  readonly reviewed_by: readonly string[];
  /** What they answered already. */
  readonly my_decision?: ReviewDecision;
  /** Equal for requests of one requester for one tool that the same rules held. */
  readonly group: string;
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
  /** Names of its arguments as the tool's own schema orders them; those it does not name come after. To draw them in. */
  readonly argument_order?: readonly string[];
  readonly redactions: readonly ShownRedaction[];
  /** True when this person sees it in clear, after a logged reveal. */
  readonly revealed: boolean;
  /** How many invisible, reordering or look-alike characters it has; drawing it shows each. */
  readonly findings_total: number;
  /** SHA-256 of the canonical `shown_action`: an answer names it, so that it is about what was shown. */
  readonly rendered_digest: string;
  /** False when something is redacted inside a text, or cut: then nobody can approve from this view (I6, A4). */
  readonly approvable: Approvable;
  /** The agent's own words: a claim, never a fact. */
  readonly claim?: string;
  /** What ticket systems said of it, oldest first: claims, never facts, and no answers. At most 200. */
  readonly ticket_notes?: readonly TicketNote[];
  /** What it would change, where the operator says how to find out: information, not part of what is approved. */
  readonly preview?: Preview;
  /** The ticket system that refused it: then no person denied it. */
  readonly refused_by?: string;
  readonly reviews: readonly ShownReview[];
  readonly eligibility: Eligibility;
  /** How strongly the person looking must prove themselves for their answer to count; absent when they may not answer. */
  readonly proof_needed?: Proof;
  /** While it is pending: who could answer it now. `more`: there may be others. */
  readonly may_answer?: {
    readonly people: readonly { readonly id: string; readonly name: string }[];
    readonly more: boolean;
  };
  /** While it is pending. */
  readonly break_glass?: GlassOffer;
  readonly approval?: Approval;
  /** Given with the approval. */
  readonly grant?: Grant;
  readonly executions: readonly Execution[];
  readonly timeline: readonly TimelineEntry[];
  /** Set once its clear text was erased: what is left are names, times, digests and who decided. */
  readonly erased?: Erased;
};

export type Erased = { readonly at: number; readonly by: string; readonly reason?: string };

/** `already`: it had been erased before, then and by that person; nothing changed now. */
export type Erasure = {
  readonly at: number;
  readonly by: string;
  /** The log entry that says so; `log prove` takes it. */
  readonly event_id: string;
  readonly already: boolean;
};

/** Where: a JSON Pointer (RFC 6901), or core's `keyPointer` for a redaction of the key itself. */
export type ShownRedaction = Redaction & { readonly pointer: string };
export type Approvable = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** In a ticket system's own name, for one of its users; neither was checked here. */
export type TicketNote = {
  /** The ticket system, as the configuration names it. */
  readonly system: string;
  /** `refusal`: with this it ended the request. */
  readonly kind: 'comment' | 'refusal';
  readonly at: number;
  readonly author: string;
  readonly text: string;
  readonly ticket?: {
    readonly key: string /** Below where the configuration says its tickets are. */;
    readonly url?: string;
  };
};

export type ShownReview = {
  readonly reviewer: string;
  readonly name: string;
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly reviewed_at: number;
  /** Signed with this person’s own passkey. */
  readonly signed?: true;
  /** Handed over by this ticket system, with the person’s own proof: of their passkey, or of their OpenID Connect provider. */
  readonly relayed?: { readonly by: string; readonly proof: 'passkey' | 'oidc' };
  /** Still counts: cast by a person who is eligible now. */
  readonly counts: boolean;
  /** Why it does not. */
  readonly why_not?: Ineligible;
  /** The absent people in whose seats this person sits, having none of their own. */
  readonly for?: readonly string[];
};

export type Approval = {
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
  /** Given by whoever broke this glass, not by a quorum. */
  readonly broken_glass?: string;
};

export type Execution = {
  readonly id: string;
  readonly status: string;
  readonly started_at: number;
  readonly ended_at?: number;
  /** Let through by this broken glass. */
  readonly broken_glass?: string;
};

export type TimelineEntry = {
  readonly at: number;
  readonly event_id: string;
  readonly kind: string;
  readonly leaf_index: number;
  readonly summary: string;
};

export type RequestFilter = {
  readonly status?: RequestStatus;
  readonly agent?: string;
  readonly upstream?: string;
  readonly risk?: Risk;
  /** Only what the signed-in person may review now. */
  readonly reviewable?: boolean;
};
export type Paging = { readonly limit?: number; readonly cursor?: string };

/** A person's answer. To approve, both digests of what was shown are required. */
export type ReviewInput = {
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly action_digest?: string;
  readonly rendered_digest?: string;
  /** The preview that was shown with it, by id: on the record, and an approval that names one that is not the newest is refused. */
  readonly preview?: string;
  /** What a passkey gave for the challenge of exactly this answer; where the policy asks for `proof: passkey`. */
  readonly signature?: ReviewSignature;
  /** With an approval, where `requirement.grant` offers it: as much more of the same tool, whatever the arguments. */
  readonly grant?: GrantTerms;
};
export type ReviewResult = {
  readonly status: RequestStatus;
  readonly quorum: Quorum;
  readonly event_id: string;
};

/** One message of `GET /api/events`: a request was opened, answered or ended; what it gave ended; what it let through runs. */
export type RequestChange = {
  readonly request_id: string;
  readonly status: RequestStatus;
  readonly at: number;
  /** What it let through began to run, or ended so. */
  readonly run?: RunChange;
};
export type RunChange = { readonly execution_id: string; readonly status: ExecutionStatus };
export type ExecutionStatus = 'started' | 'succeeded' | 'failed' | 'unknown';
