/** What the history adds up to, over a time. Every number says what it counts; days are UTC. */
import type { Call, Followed } from './calls.ts';

/** What people did with what was held for them. */
export type Asked = {
  readonly held: number;
  readonly approved: number;
  readonly denied: number;
  /** Nobody answered in time. */
  readonly expired: number;
  readonly cancelled: number;
  readonly waiting: number;
  /** Of those people decided, 0 to 1; absent where they decided none. */
  readonly approval_rate?: number;
};

/** From the question to the last answer it took, of what people decided. */
export type DecisionTime = { readonly decided: number; readonly median_ms: number; readonly p90_ms: number };

export type RuleInsight = Asked & {
  /** The rules that held it, together. */
  readonly rules: readonly string[];
  readonly time?: DecisionTime;
  /** People decided at least as many as `always_from`, and approved all of them. */
  readonly always_approved: boolean;
};

export type DayVolume = {
  /** The day's first moment, Unix milliseconds. */
  readonly day: number;
  readonly name: string;
  readonly allowed: number;
  readonly held: number;
  readonly denied: number;
};

export type Reading = {
  readonly reviewer: string;
  readonly approvals: number;
  /** Approved sooner after it was first shown than anyone can read it. */
  readonly fast: number;
  /** Approved without ever having been shown it here. */
  readonly unseen: number;
};

export type FastReview = {
  readonly request_id: string;
  readonly reviewer: string;
  readonly reviewed_at: number;
  readonly took_ms: number;
  readonly characters: number;
};

export type NearMiss = {
  /** Denied by people; withdrawn; or not approved, and approved soon after in another form. */
  readonly kind: 'denied' | 'cancelled' | 'changed';
  readonly call: Call;
  /** What was approved in its place. */
  readonly then?: Call;
};

export type Insights = {
  readonly from: number;
  readonly to: number;
  readonly followed: Followed;
  readonly asked: Asked;
  readonly time?: DecisionTime;
  readonly rules: readonly RuleInsight[];
  readonly volume: {
    /** Those with the most calls; a call that several rules decided counts under each. */
    readonly agents: readonly DayVolume[];
    readonly rules: readonly DayVolume[];
    readonly all: readonly DayVolume[];
  };
  readonly reading: {
    /** Faster than this nobody reads, and for no less than that does anybody look. */
    readonly assumed: { readonly characters_per_s: number; readonly at_least_ms: number };
    /** Whom `reviewers` and `fastest` name: operators and auditors are told of everybody, anyone else of themselves. */
    readonly of: 'everybody' | 'you';
    /** Everybody together. Left out for whoever is told of themselves, where it would say what one of a few others did. */
    readonly all?: Omit<Reading, 'reviewer'> & { readonly reviewers: number };
    readonly reviewers: readonly Reading[];
    readonly fastest: readonly FastReview[];
  };
  readonly unanswered: readonly Call[];
  readonly near_misses: readonly NearMiss[];
  readonly always_from: number;
  /** Only the newest so many held calls were looked at: there were more. */
  readonly looked_at?: number;
};
