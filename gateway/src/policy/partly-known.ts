/**
 * What a policy says of an action when not all of its facts are known: every answer that it could give. One answer is
 * as good as knowing; several are said to be several, never guessed at.
 */
import type { Effect, Evaluation, ScopeKey } from '@countersign/core';
import type { Context } from './cel/condition.ts';
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

export type Bearing = 'yes' | 'no' | 'perhaps';

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
  return effectsOf(bearing);
}

/** Of rules that bear, by what they say: `yes` where one surely does. */
export function effectsOf(bearing: ReadonlyMap<Effect, Bearing>): readonly Effect[] {
  const possible: Effect[] = [];
  for (const effect of STRICTEST_FIRST) {
    const bears = bearing.get(effect);
    if (bears === undefined) continue;
    possible.push(effect);
    if (bears === 'yes') return possible;
  }
  return possible.includes('deny') ? possible : ['deny', ...possible];
}

/** What makes it `perhaps`, as conditions name it. */
export function dependsOn(rule: Rule, { unknown }: PartlyKnown): readonly string[] {
  const keys = unknown.scope.filter((key) => rule.where[key] !== undefined);
  const reads = rule.condition?.reads.filter(({ steps }) => isUnknown(steps, unknown)) ?? [];
  const exactly = unknown.confidence && rule.then === 'allow' && !rule.opaque ? ['confidence'] : [];
  return [...new Set([...keys, ...reads.map(({ path }) => path), ...exactly])];
}

/** Whether the rule counts: matched, and for one that allows also not held back (P3, P4). */
export function bearingOf(rule: Rule, { evaluation, unknown }: PartlyKnown): Bearing {
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
  const context = contextOf(evaluation);
  const { reads, loops } = rule.condition;
  const hidden = reads.filter(({ steps }) => isUnknown(steps, unknown)).length;
  if (hidden > 0) {
    // `unknown && false` is false all the same. Not where what is not known may use up what the rest has to run in.
    if (loops || hidden === reads.length) return 'perhaps';
    const told = rule.condition.run(without(context, unknown));
    return typeof told === 'string' ? 'perhaps' : told ? bears : 'no';
  }
  const result = rule.condition.run(context);
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

/** Whoever reads what is not known is told so: an error, which CEL leaves aside where the other side settles it. */
function without(context: Context, { scope, facts }: PartlyKnown['unknown']): Context {
  let left = context;
  for (const path of [...scope.map((key) => [key]), ...facts]) left = hiding(left, path);
  return left;
}

function hiding(value: Context, [step = '', ...rest]: readonly string[]): Context {
  const members = Object.getOwnPropertyDescriptors(value);
  const below: unknown = members[step]?.value;
  const deeper = rest.length > 0 && typeof below === 'object' && below !== null;
  const hidden = deeper ? { value: hiding(below as Context, rest) } : { get: notKnown };
  return Object.defineProperties({}, { ...members, [step]: { enumerable: true, ...hidden } });
}

const NOT_KNOWN = new Error('not known');
const notKnown = (): never => {
  throw NOT_KNOWN;
};
