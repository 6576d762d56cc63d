/** One run of a permitted action: that it began, and how it ended. */
import type { Decision } from '@countersign/core';
import type { AuditFact } from '../audit.ts';
import {
  type About,
  asked,
  base,
  decidingRules,
  explained,
  type Timed,
  termsOf,
  traced,
  what,
  who,
} from './about.ts';

export type Started = Timed & {
  readonly execution_id: string;
  readonly decision: Decision;
  readonly enforced_by: 'gateway' | 'caller';
  readonly approval?: {
    readonly id: string;
    readonly request_id: string;
    readonly resolution_event: string;
    /** Whoever broke this glass gave it. */
    readonly broken_glass?: string;
  };
  /** The grant it was a use of, and the request that was given with. */
  readonly grant?: { readonly id: string; readonly request_id: string; readonly resolution_event: string };
};

export function executionStartedFact(about: About, started: Started): AuditFact {
  const { decision, approval, grant } = started;
  const stands = approval ?? grant;
  return {
    ...base(about),
    ...traced(about),
    kind: 'execution',
    occurred_at: started.at,
    task_id: approval?.request_id ?? started.execution_id,
    policy: decision.explanation.policy,
    ...(stands === undefined ? {} : { answers: [stands.resolution_event] }),
    predicate: {
      phase: 'started',
      execution_id: started.execution_id,
      enforced_by: started.enforced_by,
      effect: decision.effect,
      risk: decision.risk,
      who: who(about),
      what: what(about),
      ...asked(about),
      rules: explained(decision.explanation),
      obligations: decision.obligations.map(({ id, type }) => ({ id, type })),
      ...(approval === undefined ? {} : { approval_id: approval.id }),
      ...(approval?.broken_glass === undefined ? {} : { broken_glass: approval.broken_glass }),
      ...(grant === undefined ? {} : { grant_id: grant.id, granted_by: grant.request_id }),
    },
    terms: {
      ...termsOf(about, decidingRules(decision)),
      execution_id: started.execution_id,
      ...(stands === undefined ? {} : { request_id: stands.request_id }),
    },
  };
}

export type Ended = Timed & {
  readonly execution_id: string;
  readonly request_id?: string;
  readonly started_event: string;
  /** Let through by whoever broke this glass. */
  readonly broken_glass?: string;
  readonly status: 'succeeded' | 'failed' | 'unknown';
  /** Why, for `failed` and `unknown`: a fixed phrase of the gateway's own, never the upstream's words. */
  readonly cause?: string;
};

export function executionResultFact(about: About, ended: Ended): AuditFact {
  return {
    ...base(about),
    kind: 'execution',
    occurred_at: ended.at,
    task_id: ended.request_id ?? ended.execution_id,
    answers: [ended.started_event],
    predicate: {
      phase: 'result',
      execution_id: ended.execution_id,
      status: ended.status,
      what: what(about),
      ...(ended.broken_glass === undefined ? {} : { broken_glass: ended.broken_glass }),
      ...(ended.cause === undefined ? {} : { cause: ended.cause }),
    },
    terms: {
      ...termsOf(about),
      execution_id: ended.execution_id,
      ...(ended.request_id === undefined ? {} : { request_id: ended.request_id }),
    },
  };
}
