/**
 * What a policy says of an action when not all of its facts are known: every answer that it could give. One answer is
 * as good as knowing; several are said to be several, never guessed at.
 */
import type { Effect, Evaluation, ScopeKey } from '@countersign/core';
import { contextOf } from './decide.ts';
import type { LoadedPolicy } from './load.ts';
import { patternFits, type Rule } from './rules/rule.ts';

export type PartlyKnown = {
  /** What is not known has any value here: it is not looked at. */
  readonly evaluation: Evaluation;
  readonly unknown: {
    readonly scope: readonly ScopeKey[];
    /** As a condition's reads are: `['mcp', 'args']`, and all that is below. */
    readonly facts: readonly (readonly string[])[];
    /** Whether the action was understood exactly. */
    readonly confidence: boolean;
  };
};

type Bearing = 'yes' | 'no' | 'perhaps';

const STRICTEST_FIRST = ['deny', 'require', 'allow'] as const satisfies readonly Effect[];

/** Never empty. Nothing that matches is a denial (P1). */
export function possibleEffects(
  { rules }: Pick<LoadedPolicy, 'rules'>,
  partly: PartlyKnown,
): readonly Effect[] {
  const { binding } = partly.evaluation.facts;
  const bearing = new Map<Effect, Bearing>();
  for (const rule of rules) {
    if (rule.on !== binding || rule.dry_run || bearing.get(rule.then) === 'yes') continue;
    const bears = bearingOf(rule, partly);
    if (bears !== 'no') bearing.set(rule.then, bears);
  }
  const possible: Effect[] = [];
  for (const effect of STRICTEST_FIRST) {
    const bears = bearing.get(effect);
    if (bears === undefined) continue;
    possible.push(effect);
    if (bears === 'yes') return possible;
  }
  return possible.includes('deny') ? possible : ['deny', ...possible];
}

/** Whether the rule counts: matched, and for one that allows also not held back (P3, P4). */
function bearingOf(rule: Rule, { evaluation, unknown }: PartlyKnown): Bearing {
  const { facts } = evaluation;
  let bears: Bearing = 'yes';
  for (const [key, patterns] of Object.entries(rule.where)) {
    const scope = key as ScopeKey;
    if (unknown.scope.includes(scope)) bears = 'perhaps';
    else if (!patterns.some((pattern) => patternFits(pattern, facts.scope[scope]))) return 'no';
  }
  if (rule.then === 'allow' && !rule.opaque) {
    if (unknown.confidence) bears = 'perhaps';
    else if (facts.confidence !== 'exact') return 'no';
  }
  if (rule.condition === undefined) return bears;
  if (rule.condition.reads.some(({ steps }) => isUnknown(steps, unknown))) return 'perhaps';
  const result = rule.condition.run(contextOf(evaluation));
  const matched = result === true || (typeof result === 'string' && rule.then !== 'allow');
  return matched ? bears : 'no';
}

/** It reads what is not known, something below it, or something that holds it. */
function isUnknown(steps: readonly string[], { scope, facts }: PartlyKnown['unknown']): boolean {
  const overlaps = (path: readonly string[]): boolean => {
    const length = Math.min(path.length, steps.length);
    return path.slice(0, length).every((step, at) => steps[at] === step);
  };
  return scope.some((key) => overlaps([key])) || facts.some(overlaps);
}
