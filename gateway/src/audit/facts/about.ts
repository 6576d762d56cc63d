/**
 * What each business event says in the log, as data. Pure. Identifiers, enumerations, times, digests and sealed
 * commitments only: arguments, results and reasons never stand here in clear (I7). This is what all of them say.
 */
import type { Decision, Evaluation, Explanation, JsonObject, Principal, RuleHit } from '@countersign/core';
import type { AuditFact } from '../audit.ts';

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
export const asked = ({ class: as, origin }: About): JsonObject => ({
  ...(as === undefined ? {} : { class: as }),
  ...(origin?.session === undefined ? {} : { session: origin.session }),
});
export const traced = ({ origin }: About): Pick<AuditFact, 'traceparent'> =>
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

export const explained = ({ deciding, outranked, would_have }: Explanation): JsonObject => ({
  deciding: deciding.map(ruleOf),
  outranked: outranked.map(ruleOf),
  would_have: would_have.map(ruleOf),
});

export const decidingRules = (decision: Decision): readonly string[] => [
  ...new Set(decision.explanation.deciding.map((hit) => hit.rule)),
];
