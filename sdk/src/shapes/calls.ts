/** What agents did, one item a call, as the people's API tells it. Follows the log by a moment: every list says how far. */
import type { Json, JsonObject, Risk } from '@countersign/core';
import type { ShownRedaction } from './requests.ts';

/** What came of the question at once. A call that ran on an earlier approval or grant is `allowed`. */
export const CALL_DECISIONS = ['allowed', 'held', 'denied'] as const;
export type CallDecision = (typeof CALL_DECISIONS)[number];

/**
 * How it stands or ended. `waiting`: for people. `approved`: not run yet; `unused`, `revoked`: and never was. `running`;
 * `succeeded`, `failed`, `unknown`: as executed. `permitted`: the caller enforces, and does not say what it did. `refused`
 * by the policy or the gateway; `denied` by people; `expired`: nobody answered; `cancelled`; `void`: could not be completed.
 */
export const CALL_OUTCOMES = [
  'waiting',
  'approved',
  'unused',
  'revoked',
  'running',
  'succeeded',
  'failed',
  'unknown',
  'permitted',
  'refused',
  'denied',
  'expired',
  'cancelled',
  'void',
] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** On what it ran. */
export const PERMITTED_BY = ['policy', 'approval', 'grant', 'break-glass'] as const;
export type PermittedBy = (typeof PERMITTED_BY)[number];

export type CallReview = { readonly reviewer: string; readonly decision: string; readonly at: number };

export type Call = {
  readonly id: string;
  readonly at: number;
  readonly agent: string;
  /** For whom the agent acted. */
  readonly subject: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  /** As the tool was accepted, or as the protocol knows. */
  readonly class: string | null;
  readonly risk: Risk | null;
  readonly decision: CallDecision;
  readonly outcome: CallOutcome;
  readonly permitted_by?: PermittedBy;
  /** Why it was refused or failed: a word, or a fixed phrase. */
  readonly reason?: string;
  readonly rules: readonly string[];
  readonly reviews: readonly CallReview[];
  /** One plain line made from the action, secrets out. Made visible. */
  readonly sentence: string;
  /** The request it was held for. */
  readonly request_id?: string;
  /** The request whose approval or grant it ran on, when that was not its own. */
  readonly granted_by?: string;
  readonly execution_id?: string;
  readonly resolved_at?: number;
  readonly started_at?: number;
  readonly ended_at?: number;
  /** How often the agent was told the same answer again. */
  readonly asked_again: number;
  readonly trail: string;
};

export type CallFilter = {
  /** Words of names and of arguments as shown; the last may be a beginning. */
  readonly q?: string;
  readonly agent?: string;
  readonly subject?: string;
  readonly owner?: string;
  readonly team?: string;
  readonly reviewer?: string;
  readonly rule?: string;
  readonly upstream?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly class?: string;
  readonly env?: string;
  readonly risk?: Risk;
  readonly decision?: CallDecision;
  readonly outcome?: CallOutcome;
  readonly permitted_by?: PermittedBy;
  readonly trail?: string;
  /** Unix milliseconds, inclusive. */
  readonly from?: number;
  /** Unix milliseconds, exclusive. */
  readonly to?: number;
};

/** How far the history has followed the log. */
export type Followed = {
  /** Everything up to this moment is in it. */
  readonly until: number;
  /** Entries of the log it has not seen yet. */
  readonly behind: number;
};

export type CallPage = {
  readonly items: readonly Call[];
  readonly next_cursor?: string;
  readonly followed: Followed;
};

/**
 * What the agent was answered, secrets out. `not_kept`: only answers of calls that people approved are. `large`: the call by
 * itself shows it.
 */
export type CallAnswer =
  | { readonly kind: 'kept'; readonly shown: Json }
  | { readonly kind: 'none' | 'not_kept' | 'large' | 'erased' };

/** What would have run, as a reviewer would be shown it. */
export type CallAction =
  | {
      readonly kind: 'kept';
      readonly shown_action: JsonObject;
      readonly redactions: readonly ShownRedaction[];
    }
  | { readonly kind: 'not_kept' | 'large' | 'erased' };

export type CallEntry = {
  readonly event_id: string;
  readonly kind: string;
  readonly at: number;
  readonly leaf_index: number;
};

export type CallDetail = Call & {
  /** `not_kept`: of a question that was refused, its names and digest are. */
  readonly asked: CallAction;
  readonly answer: CallAnswer;
  /** Its entries in the log, oldest first. */
  readonly entries: readonly CallEntry[];
  readonly followed: Followed;
};

/** What one agent did in one go. */
export type Trail = {
  readonly id: string;
  /** What holds it together: a session of the protocol, the caller’s trace, or that no long pause lay between. */
  readonly bound_by: 'session' | 'trace' | 'time';
  readonly agent: string;
  readonly subject: string;
  readonly owner: string | null;
  readonly started_at: number;
  readonly last_at: number;
  readonly calls: number;
  readonly held: number;
  readonly denied: number;
  readonly failed: number;
};

export type TrailFilter = { readonly agent?: string; readonly from?: number; readonly to?: number };

export type TrailPage = {
  readonly items: readonly Trail[];
  readonly next_cursor?: string;
  readonly followed: Followed;
};

/** One call of a trail, with what it takes to lay two trails side by side. */
export type TrailStep = Call & {
  readonly step: number;
  /** Equal for calls of one tool with the same argument names, whoever asked. */
  readonly shape: string;
  /** Equal for identical calls of one requester; absent once erased. Means nothing outside this gateway. */
  readonly same?: string;
  readonly asked: CallAction;
  readonly answer: CallAnswer;
};

export type TrailDetail = Trail & {
  readonly steps: readonly TrailStep[];
  readonly next_cursor?: string;
  readonly followed: Followed;
};

export type OutcomeCounts = { readonly [outcome: string]: number };

/** What was asked before, the newest of it, and how it went. */
export type Before = {
  /** At most so many were looked at; `more` when there are older ones. */
  readonly counted: number;
  readonly more: boolean;
  readonly outcomes: OutcomeCounts;
  readonly last: readonly Call[];
};
export type RequestHistory = {
  /** Earlier calls of this agent to this tool. */
  readonly tool: Before;
  /** Those with the same argument names. */
  readonly shape: Before;
  /** Those identical to it. */
  readonly same: Before;
  readonly followed: Followed;
};
