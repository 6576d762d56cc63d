/**
 * Asks a loaded policy: candidates by scope, conditions, then core's combination (P1–P4). Pure, synchronous, and never
 * throws: whatever goes wrong inside is a denial.
 */
import {
  combine,
  type Decision,
  type Evaluation,
  type PolicyRef,
  type RuleHit,
  SCOPE_KEYS,
  type ScopeKey,
  type Values,
} from '@countersign/core';
import { type Context, valuesRead } from './cel/condition.ts';
import { type HitHead, headOf, patternFits, type Rule } from './rules/rule.ts';
import { ScopeIndex } from './scope-index.ts';

type Ready = { readonly rule: Rule; readonly head: HitHead; readonly scoped: readonly ScopeKey[] };

export class Decider {
  readonly ref: PolicyRef;
  readonly #byBinding = new Map<string, { readonly index: ScopeIndex; readonly ready: readonly Ready[] }>();

  constructor(rules: readonly Rule[], ref: PolicyRef) {
    this.ref = ref;
    for (const [on, some] of Map.groupBy(rules, (rule) => rule.on)) {
      this.#byBinding.set(on, { index: new ScopeIndex(some), ready: some.map(makeReady) });
    }
  }

  decide(evaluation: Evaluation): Decision {
    try {
      return combine(this.#hits(evaluation), evaluation.facts.confidence, this.ref);
    } catch {
      // Malformed facts are a defect of a binding. The answer is the one that lets nothing through (I1).
      return combine([], 'none', this.ref);
    }
  }

  #hits(evaluation: Evaluation): readonly RuleHit[] {
    const { facts } = evaluation;
    const found = this.#byBinding.get(facts.binding);
    if (found === undefined) return [];
    const context = contextOf(evaluation);
    const hits: RuleHit[] = [];
    found.index.candidates(facts.scope, (at) => {
      const ready = found.ready[at];
      const result = ready?.rule.condition === undefined ? true : ready.rule.condition.run(context);
      if (ready === undefined || result === false) return;
      const hit = { ...ready.head, values: valuesOf(ready, context) };
      hits.push(typeof result === 'string' ? { ...hit, error: result } : hit);
    });
    return hits;
  }
}

const makeReady = (rule: Rule): Ready => ({
  rule,
  head: headOf(rule),
  scoped: SCOPE_KEYS.filter((key) => rule.where[key] !== undefined),
});

/** What conditions see. Scope first: its names are fixed, and a binding cannot be called like one of them. */
function contextOf({ facts, subject }: Evaluation): Context {
  const { agent, team, env, class: kind, upstream, resource } = facts.scope;
  return { agent, team, env, class: kind, upstream, resource, subject, [facts.binding]: facts.values };
}

/** The scope values that let the rule in, and the facts its condition read (P5). */
function valuesOf({ rule, scoped }: Ready, context: Context): Values {
  const values: { [path: string]: Values[string] } = {};
  for (const key of scoped) values[key] = String(context[key]);
  return rule.condition === undefined
    ? values
    : Object.assign(values, valuesRead(rule.condition.reads, context));
}

/** Whether a rule could bear on a tool of an upstream, whatever the agent, team, class and environment are. */
export function bearsOn(
  rule: Rule,
  scope: { readonly upstream: string; readonly resource: string },
): boolean {
  const { upstream, resource } = rule.where;
  return (
    (upstream?.some((pattern) => patternFits(pattern, scope.upstream)) ?? true) &&
    (resource?.some((pattern) => patternFits(pattern, scope.resource)) ?? true)
  );
}
