/** What was asked, and what policy made of it: refused, held, or not even read. */
import type { BreakGlass, Decision, JsonObject, Principal, Stage } from '@countersign/core';
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

/** An evaluation that did not run at once: refused, or held for review. */
export function evaluationFact(
  about: About,
  decision: Decision,
  { at, outcome, task_id, lacking }: Timed & { outcome: string; task_id: string; lacking?: 'passkey' },
): AuditFact {
  return {
    ...base(about),
    ...traced(about),
    kind: 'evaluation',
    occurred_at: at,
    task_id,
    policy: decision.explanation.policy,
    predicate: {
      outcome,
      ...(lacking === undefined ? {} : { lacking }),
      effect: decision.effect,
      risk: decision.risk,
      who: who(about),
      what: what(about),
      ...asked(about),
      rules: explained(decision.explanation),
    },
    terms: {
      ...termsOf(about, decidingRules(decision)),
      ...(task_id.startsWith('req_') ? { request_id: task_id } : {}),
    },
  };
}

export type OverRate = Timed & {
  readonly principal: Principal;
  readonly calls_per_minute: number;
  /** Calls refused since the last such entry of this agent. */
  readonly refused_before: number;
};

/** Calls refused unread, because there were too many: of no action, and one entry for many of them. */
export function overRateFact({ principal, at, calls_per_minute, refused_before }: OverRate): AuditFact {
  return {
    kind: 'evaluation',
    occurred_at: at,
    task_id: `rate:${principal.agent}`,
    predicate: {
      outcome: 'too_many_calls',
      effect: 'deny',
      who: who({ principal }),
      calls_per_minute,
      refused_before,
    },
    terms: { agent: principal.agent },
  };
}

export function requestOpenedFact(
  about: About,
  decision: Decision & { effect: 'require' },
  opened: Timed & { request_id: string; expires_at: number; claim?: JsonObject },
): AuditFact {
  const { requirement } = decision;
  return {
    ...base(about),
    kind: 'access-request',
    occurred_at: opened.at,
    task_id: opened.request_id,
    policy: decision.explanation.policy,
    predicate: {
      status: 'pending',
      who: who(about),
      what: what(about),
      risk: decision.risk,
      expires_at: opened.expires_at,
      ...seatsOf(requirement),
      ...(requirement.next === undefined ? {} : { next: requirement.next.map(seatsOf) }),
      ...(requirement.break_glass === undefined ? {} : { break_glass: glassOf(requirement.break_glass) }),
      ...(opened.claim === undefined ? {} : { claim: opened.claim }),
    },
    terms: { ...termsOf(about, decidingRules(decision)), request_id: opened.request_id },
  };
}

const seatsOf = ({ seats, choices }: Stage): JsonObject => ({
  seats: seats.map(({ by, count, proof }) => ({ by, count, proof })),
  choices: choices.map(({ rule, anyOf }) => ({
    rule,
    any_of: anyOf.map((set) => set.map(({ by, count, proof }) => ({ by, count, proof }))),
  })),
});

export const glassOf = ({ by, notify, review }: BreakGlass): JsonObject => ({ by, notify, review });
