/**
 * The policy's answer, and how the rules that matched combine into it: deny > require > allow, nothing matched is
 * deny, order never matters (P1). A rule that erred counts as matched if it denies or requires, as unmatched if it
 * allows (P3). Facts that are not exact are allowed only by a rule that says `opaque: true` (P4).
 */
import type { Confidence, Values } from './evaluation.ts';
import type { JsonObject } from './json/value.ts';
import { type Requirement, stackRequirements } from './requirement.ts';

export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];
export type Effect = 'allow' | 'require' | 'deny';

/** What the gateway must also do. One it cannot carry out makes the decision a denial. */
export type Obligation = { readonly id: string; readonly type: string; readonly properties: JsonObject };

/** A rule that bears on one evaluation: where it stands, what it saw, and whether it erred. */
export type RuleHit = {
  readonly rule: string;
  readonly about: string;
  readonly file: string;
  /** 1-based line of the rule in its file. */
  readonly line: number;
  readonly then: Effect;
  readonly risk?: Risk;
  readonly opaque: boolean;
  /** `enforce: dry-run`: recorded as "would have", never counted. */
  readonly dry_run: boolean;
  /** The fact values its condition read, by path. */
  readonly values: Values;
  readonly error?: string;
  readonly requirement?: Requirement;
  readonly obligations: readonly Obligation[];
};

export type PolicyRef = { readonly id: string; readonly version: string; readonly digest: string };

/** Why: the rules that decided, those they outranked, and dry-run rules with what they would have done (P5). */
export type Explanation = {
  readonly policy: PolicyRef;
  readonly deciding: readonly RuleHit[];
  readonly outranked: readonly RuleHit[];
  readonly would_have: readonly RuleHit[];
};

type Decided = {
  readonly risk: Risk;
  readonly obligations: readonly Obligation[];
  readonly explanation: Explanation;
};
export type Allow = Decided & { readonly effect: 'allow' };
export type Deny = Decided & { readonly effect: 'deny'; readonly reason: DenyReason };
export type Require = Decided & { readonly effect: 'require'; readonly requirement: Requirement };
export type Decision = Allow | Deny | Require;

/** `agent_paused`: no rule said so; a person stopped whoever asks. */
export type DenyReason = 'rule' | 'nothing_matched' | 'not_exact' | 'agent_paused';

const rank: Record<Effect, number> = { allow: 0, require: 1, deny: 2 };
const byPlace = (a: RuleHit, b: RuleHit): number =>
  a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line;

function counts(hit: RuleHit, confidence: Confidence): boolean {
  if (hit.dry_run) return false;
  if (hit.then !== 'allow') return true;
  return hit.error === undefined && (confidence === 'exact' || hit.opaque);
}

/** Combines the rules that matched (or erred) into one decision. `hits` may come in any order. */
export function combine(hits: readonly RuleHit[], confidence: Confidence, policy: PolicyRef): Decision {
  const sorted = [...hits].sort(byPlace);
  const live = sorted.filter((hit) => counts(hit, confidence));
  const top = live.reduce((most, hit) => Math.max(most, rank[hit.then]), -1);
  const deciding = live.filter((hit) => rank[hit.then] === top);
  const decided = new Set(deciding);
  const explanation: Explanation = {
    policy,
    deciding,
    outranked: sorted.filter((hit) => !hit.dry_run && !decided.has(hit)),
    would_have: sorted.filter((hit) => hit.dry_run),
  };
  const risk = highestRisk(live);
  // Obligations of every live rule that did not deny still bind: an outranked `allow … with mask` must not lose its mask.
  const obligations = mergeObligations(live);
  if (top === rank.allow) return { effect: 'allow', risk, obligations, explanation };
  if (top === rank.require) {
    return { effect: 'require', risk, obligations, explanation, requirement: stacked(deciding) };
  }
  const inexact =
    top === -1 && sorted.some((hit) => !hit.dry_run && hit.then === 'allow' && hit.error === undefined);
  const reason = top === rank.deny ? 'rule' : inexact ? 'not_exact' : 'nothing_matched';
  return { effect: 'deny', risk, obligations: [], explanation, reason };
}

function stacked(deciding: readonly RuleHit[]): Requirement {
  const all = deciding.flatMap((hit) => (hit.requirement === undefined ? [] : [hit.requirement]));
  const [first, ...rest] = all;
  // A `require` without a requirement is a programming error upstream of here; no seat could ever satisfy it.
  if (first === undefined || all.length !== deciding.length)
    throw new TypeError('a require rule carries no requirement');
  return rest.reduce(stackRequirements, first);
}

function highestRisk(hits: readonly RuleHit[]): Risk {
  const top = hits.reduce((most, hit) => Math.max(most, RISKS.indexOf(hit.risk ?? 'low')), 0);
  return RISKS[top] ?? 'low';
}

function mergeObligations(hits: readonly RuleHit[]): readonly Obligation[] {
  const merged = new Map<string, Obligation>();
  for (const hit of hits) for (const each of hit.obligations) merged.set(each.id, each);
  return [...merged.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The stricter of two decisions on the same action (I8): used when policy is evaluated again after an approval. */
export function strictness(effect: Effect): number {
  return rank[effect];
}
