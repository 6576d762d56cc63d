/**
 * What each business event says in the log, as data. Pure. Identifiers, enumerations, times, digests and sealed
 * commitments only: arguments, results and reasons never stand here in clear (I7).
 */
import type {
  BreakGlass,
  Decision,
  Evaluation,
  Explanation,
  JsonObject,
  Principal,
  RequestStatus,
  RuleHit,
  Stage,
} from '@countersign/core';
import type { AuditFact } from './audit.ts';

/** The parts of an action every entry about it carries. `resource` is already safe to show. */
export type About = {
  readonly principal: Principal;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  readonly action_digest: string;
  readonly evaluation_id: string;
  /** As it was asked; not kept with a request. */
  readonly class?: string;
  readonly origin?: NonNullable<Evaluation['origin']>;
};

export type Timed = { readonly at: number };

/** Here and below in canonical order: an entry is written of it as it stands, not of a sorted copy. */
export const who = ({ principal }: Pick<About, 'principal'>): JsonObject => ({
  ...(principal.act === undefined ? {} : { act: principal.act as unknown as JsonObject }),
  agent: principal.agent,
  ...(principal.owner === null ? {} : { owner: principal.owner }),
  subject: { id: principal.subject.id, type: principal.subject.type },
  ...(principal.team === null ? {} : { team: principal.team }),
});

export const what = (about: About): JsonObject => ({
  action: about.action,
  env: about.env,
  resource: about.resource,
  upstream: about.upstream,
});

/** What only the question itself knows: said where it is answered, once. */
const asked = ({ class: as, origin }: About): JsonObject => ({
  ...(as === undefined ? {} : { class: as }),
  ...(origin?.session === undefined ? {} : { session: origin.session }),
});
const traced = ({ origin }: About): Pick<AuditFact, 'traceparent'> =>
  origin?.traceparent === undefined ? {} : { traceparent: origin.traceparent };

export const base = (about: About): Pick<AuditFact, 'evaluation_id' | 'action_digest'> => ({
  evaluation_id: about.evaluation_id,
  action_digest: about.action_digest,
});

export const termsOf = (about: About, rules: readonly string[] = []): AuditFact['terms'] => ({
  agent: about.principal.agent,
  action: about.action,
  resource: about.resource,
  upstream: about.upstream,
  rules,
});

const ruleOf = (hit: RuleHit): JsonObject => ({
  ...(hit.error === undefined ? {} : { erred: true }),
  file: hit.file,
  line: hit.line,
  rule: hit.rule,
  then: hit.then,
});

const explained = ({ deciding, outranked, would_have }: Explanation): JsonObject => ({
  deciding: deciding.map(ruleOf),
  outranked: outranked.map(ruleOf),
  would_have: would_have.map(ruleOf),
});

export const decidingRules = (decision: Decision): readonly string[] => [
  ...new Set(decision.explanation.deciding.map((hit) => hit.rule)),
];

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

/** Policy, people, agents, upstreams, pins or keys changed: the authority epoch after it, and digests before and after. */
export type AuthorityChange = Timed & {
  readonly kind: 'policy-change' | 'config-change' | 'tool-change' | 'reviewer-key' | 'system';
  readonly task_id: string;
  readonly by?: string;
  readonly epoch?: number;
  readonly predicate: JsonObject;
  readonly agent?: string;
  readonly upstream?: string;
  readonly resource?: string;
};

export function changeFact(change: AuthorityChange): AuditFact {
  const { agent, upstream, resource, by } = change;
  return {
    kind: change.kind,
    occurred_at: change.at,
    task_id: change.task_id,
    predicate: {
      ...change.predicate,
      ...(change.epoch === undefined ? {} : { epoch: change.epoch }),
      ...(by === undefined ? {} : { by }),
    },
    terms: {
      ...(agent === undefined ? {} : { agent }),
      ...(upstream === undefined ? {} : { upstream }),
      ...(resource === undefined ? {} : { resource }),
      ...(by === undefined ? {} : { reviewer: by }),
    },
  };
}
