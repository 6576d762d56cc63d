/**
 * One rule as loaded: immutable, fully checked, ready to be asked. A rule alone never decides; every rule that matches
 * is weighed together (P1).
 */
import type {
  AskedRequirement,
  Effect,
  JsonObject,
  Obligation,
  Risk,
  RuleHit,
  ScopeKey,
} from '@countersign/core';
import type { Condition } from '../cel/condition.ts';
import type { PolicyProblem } from '../problems/problem.ts';

/** One value of `where`: the whole text, or its beginning (`write_*`) or end (`*_admin`). */
export type Pattern =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'suffix'; readonly text: string };

export type Where = { readonly [K in ScopeKey]?: readonly Pattern[] };

export type Rule = {
  readonly id: string;
  readonly about: string;
  readonly file: string;
  readonly line: number;
  /** The binding whose facts it reads. */
  readonly on: string;
  readonly where: Where;
  readonly condition?: Condition;
  readonly then: Effect;
  readonly risk?: Risk;
  readonly opaque: boolean;
  readonly dry_run: boolean;
  readonly ask_reason: boolean;
  readonly requirement?: AskedRequirement;
  readonly obligations: readonly Obligation[];
  /** What loads but is probably not meant. */
  readonly advice: readonly PolicyProblem[];
  /** The rule as written, for the record of what changed. */
  readonly written: JsonObject;
};

/** A hit without what only one evaluation can tell: what it read, and whose team was asked about. */
export type HitHead = Omit<RuleHit, 'values' | 'error' | 'requirement'>;

export function headOf(rule: Rule): HitHead {
  return {
    rule: rule.id,
    about: rule.about,
    file: rule.file,
    line: rule.line,
    then: rule.then,
    ...(rule.risk === undefined ? {} : { risk: rule.risk }),
    opaque: rule.opaque,
    dry_run: rule.dry_run,
    obligations: rule.obligations,
  };
}

export function patternFits(pattern: Pattern, value: string): boolean {
  if (pattern.kind === 'prefix') return value.startsWith(pattern.text);
  if (pattern.kind === 'suffix') return value.endsWith(pattern.text);
  return value === pattern.text;
}
