/**
 * Asks a loaded policy: candidates by scope, conditions, then core's combination (P1–P4). Pure, synchronous, and never
 * throws: whatever goes wrong inside is a denial.
 */
import {
  bindTeam,
  combine,
  type Decision,
  type Evaluation,
  isOfTeams,
  type PolicyRef,
  type Requirement,
  type RuleHit,
  SCOPE_KEYS,
  type ScopeKey,
  type Values,
} from '@countersign/core';
import { type Context, valuesRead } from './cel/condition.ts';
import { type HitHead, headOf, patternFits, type Rule } from './rules/rule.ts';
import { ScopeIndex } from './scope-index.ts';

type Ready = {
  readonly rule: Rule;
  readonly head: HitHead;
  readonly scoped: readonly ScopeKey[];
  /** What review the rule takes, of an agent of this team. */
  readonly requirement?: (team: string) => Requirement;
};

export class Decider {
  readonly ref: PolicyRef;
  readonly #byBinding = new Map<string, { readonly index: ScopeIndex; readonly ready: readonly Ready[] }>();

  /** `groups`: those there are, so that the team of an agent can be told from a word nobody knows. */
  constructor(rules: readonly Rule[], ref: PolicyRef, groups?: readonly string[]) {
    this.ref = ref;
    const teamOf = knownTeam(groups);
    for (const [on, some] of Map.groupBy(rules, (rule) => rule.on)) {
      this.#byBinding.set(on, {
        index: new ScopeIndex(some),
        ready: some.map((rule) => makeReady(rule, teamOf)),
      });
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
      const asks = ready.requirement?.(facts.scope.team);
      const values = valuesOf(ready, context);
      const hit: RuleHit = { ...ready.head, values, ...(asks === undefined ? {} : { requirement: asks }) };
      hits.push(typeof result === 'string' ? { ...hit, error: result } : hit);
    });
    return hits;
  }
}

type TeamOf = (team: string) => string | undefined;

function knownTeam(groups: readonly string[] | undefined): TeamOf {
  const known = groups === undefined ? undefined : new Set(groups);
  return (team) => (team !== '' && known?.has(team) !== false ? team : undefined);
}

function makeReady(rule: Rule, teamOf: TeamOf): Ready {
  const asked = rule.requirement;
  const ready: Ready = {
    rule,
    head: headOf(rule),
    scoped: SCOPE_KEYS.filter((key) => rule.where[key] !== undefined),
  };
  if (asked === undefined) return ready;
  if (isOfTeams(asked)) return { ...ready, requirement: (team) => bindTeam(asked, teamOf(team)) };
  const requirement = bindTeam(asked, undefined);
  return { ...ready, requirement: () => requirement };
}

/** What conditions see. Scope first: its names are fixed, and a binding cannot be called like one of them. */
export function contextOf({ facts, subject }: Evaluation): Context {
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
