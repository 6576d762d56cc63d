/**
 * What the people's API says about broken glass: an action let through in an emergency by one person, without the others,
 * and the review of that afterwards. Times are unix milliseconds.
 */
import type { By, JudgeEligibility, Risk } from '@countersign/core';
import type { ReviewSignature } from '../passkeys.ts';
import type { Approval, Execution } from '../requests.ts';
import type { GlassVerdict } from './marks.ts';

export type BrokenGlass = {
  readonly id: string;
  readonly request_id: string;
  /** Of the review afterwards. It stays open until somebody closes it. */
  readonly status: 'open' | 'closed';
  readonly broken_by: string;
  readonly broken_by_name: string;
  readonly broken_at: number;
  /** Absent once the request's clear text was erased. */
  readonly reason?: string;
  readonly agent: string;
  readonly upstream: string;
  readonly action: string;
  readonly resource: string;
  readonly risk: Risk;
  readonly approval: Pick<Approval, 'id' | 'status' | 'approved_until'>;
  /** What ran by it, and how it ended. */
  readonly executions: readonly Execution[];
  /** Named by the rules, besides operators and the agent's owner. */
  readonly notify: readonly By[];
  /** Whoever fits every one of them may close it. */
  readonly review: readonly By[];
  /** The people it is told to today, at most 200 of `told_total`. */
  readonly told: readonly ToldPerson[];
  readonly told_total: number;
  readonly closed?: {
    readonly by: string;
    readonly by_name: string;
    readonly at: number;
    readonly verdict: GlassVerdict;
    readonly note?: string;
  };
  /** Of the person looking. */
  readonly you: {
    readonly told: boolean;
    readonly acknowledged_at?: number;
    readonly may_close: JudgeEligibility;
  };
};

export type ToldPerson = {
  readonly person: string;
  readonly name: string;
  readonly acknowledged_at?: number;
};

export type GlassFilter = {
  /** Only those whose review afterwards is open. */
  readonly open?: boolean;
  /** Only those the person looking was told of and has not acknowledged. */
  readonly unacknowledged?: boolean;
};

/** Both digests are of what was shown; the signature is over a document that says `break-glass`. */
export type BreakGlassInput = {
  readonly reason: string;
  readonly action_digest: string;
  readonly rendered_digest: string;
  readonly signature: ReviewSignature;
};

export type CloseGlassInput = { readonly verdict: GlassVerdict; readonly note: string };

/** One `break_glass` message of `GET /api/events`. */
export type GlassNotice = {
  readonly id: string;
  readonly request_id: string;
  readonly what: 'broken' | 'acknowledged' | 'closed';
  readonly by: string;
  readonly at: number;
};
