/** What one thing an agent could ask would be answered, as far as can be told before it asks: every answer there could be. */
import {
  bindTeam,
  type Case,
  canBeReviewed,
  type Effect,
  entitlement,
  everySeat,
  hasGivenSeat,
  type Proof,
  type Requirement,
  stackRequirements,
  stagesOf,
} from '@countersign/core';
import type { May, MayReviewers, MayRule } from '@countersign/sdk';
import type { Snapshot } from '../../authority/authority.ts';
import {
  type Bearing,
  bearingOf,
  dependsOn,
  effectsOf,
  type PartlyKnown,
} from '../../policy/partly-known.ts';
import type { Rule } from '../../policy/rules/rule.ts';
import type { KnownAgent } from './known.ts';

const RULES_MAX = 20;
const NAMES_MAX = 50;
const PEOPLE_MAX = 50;

export type Asker = {
  readonly rules: readonly Rule[];
  readonly snapshot: Snapshot;
  readonly known: KnownAgent;
  /** Groups there are: an agent's team is one of them, or nobody's. */
  readonly groups: ReadonlySet<string>;
  readonly now: number;
};

/** Answers many questions of one agent; who could review is found once for each requirement. */
export function createMay(asker: Asker): (partly: PartlyKnown) => May {
  const found = new Map<string, MayReviewers>();
  return (partly) => {
    const { binding } = partly.evaluation.facts;
    const all = asker.rules.flatMap((rule): readonly Weighed[] => {
      if (rule.on !== binding || rule.dry_run) return [];
      const bears = bearingOf(rule, partly);
      return bears === 'no' ? [] : [{ rule, bears }];
    });
    const effects = effectsOf(surest(all));
    const least = rank(effects.at(-1) ?? 'deny');
    // What is outranked for certain decides nothing.
    const deciding = all
      .filter(({ rule }) => rank(rule.then) >= least)
      .toSorted((a, b) => rank(b.rule.then) - rank(a.rule.then));
    const reviewers = reviewersOf(deciding, asker, found);
    return {
      effects,
      depends_on: [
        ...new Set(deciding.flatMap(({ rule, bears }) => (bears === 'yes' ? [] : dependsOn(rule, partly)))),
      ].slice(0, NAMES_MAX),
      rules: deciding.slice(0, RULES_MAX).map((each) => told(each, asker, partly)),
      rules_left_out: Math.max(0, deciding.length - RULES_MAX),
      ...(reviewers === undefined ? {} : { reviewers }),
    };
  };
}

function surest(all: readonly Weighed[]): ReadonlyMap<Effect, Bearing> {
  const found = new Map<Effect, Bearing>();
  for (const { rule, bears } of all) if (found.get(rule.then) !== 'yes') found.set(rule.then, bears);
  return found;
}

type Weighed = { readonly rule: Rule; readonly bears: Exclude<Bearing, 'no'> };

const RANKS: { readonly [E in Effect]: number } = { allow: 0, require: 1, deny: 2 };
const rank = (effect: Effect): number => RANKS[effect];

function told({ rule, bears }: Weighed, { known, groups }: Asker, partly: PartlyKnown): MayRule {
  const asks = rule.requirement === undefined ? undefined : requirementFor(rule, known, groups);
  return {
    rule: rule.id,
    then: rule.then,
    certain: bears === 'yes',
    depends_on: bears === 'yes' ? [] : dependsOn(rule, partly),
    // Where the team is not known, as the rule says it.
    ...(rule.requirement === undefined
      ? {}
      : {
          asks: [
            ...new Set(everySeat<string>(stagesOf<string>(asks ?? rule.requirement)).map(({ by }) => by)),
          ],
        }),
  };
}

/** Undefined where the team it speaks of is not known. */
export function requirementFor(
  { requirement }: Rule,
  { principal, unknown }: Pick<KnownAgent, 'principal' | 'unknown'>,
  groups: ReadonlySet<string>,
): Requirement | undefined {
  if (requirement === undefined || unknown.includes('team')) return undefined;
  const { team } = principal;
  return bindTeam(requirement, team !== null && groups.has(team) ? team : undefined);
}

/** Of the rules that surely ask; where none surely does, of the only one that may. Others may ask more people. */
function reviewersOf(
  all: readonly Weighed[],
  { known, groups, snapshot, now }: Asker,
  found: Map<string, MayReviewers>,
): MayReviewers | undefined {
  if (known.unknown.includes('owner')) return undefined;
  const asking = all.filter(({ rule }) => rule.then === 'require');
  const sure = asking.filter(({ bears }) => bears === 'yes');
  const [first, ...rest] = (sure.length > 0 ? sure : asking.length === 1 ? asking : []).map(({ rule }) =>
    requirementFor(rule, known, groups),
  );
  if (first === undefined || rest.includes(undefined)) return undefined;
  const requirement = rest.reduce<Requirement>(
    (a, b) => (b === undefined ? a : stackRequirements(a, b)),
    first,
  );
  const key = JSON.stringify(requirement);
  const before = found.get(key);
  if (before !== undefined) return before;
  const answer = couldAnswer(caseOf({ requirement, known, snapshot, now }), snapshot);
  found.set(key, answer);
  return answer;
}

type Asking = Pick<Asker, 'known' | 'snapshot' | 'now'> & { readonly requirement: Requirement };

/** A request opened this moment: nobody has answered it, or changed anything since. */
export const caseOf = ({ requirement, known, snapshot, now }: Asking): Case => ({
  principal: known.principal,
  requirement,
  directory: snapshot.directory,
  duties: snapshot.duties,
  upstream: '',
  resource: '',
  opened_at: now,
  now,
  reviews: [],
});

export const keyHolders = ({ passkeys }: Pick<Snapshot, 'passkeys'>): ReadonlySet<string> =>
  new Set([...passkeys.values()].map(({ person }) => person));

function couldAnswer(theCase: Case, snapshot: Snapshot): MayReviewers {
  const people = [...snapshot.directory.people()]
    .filter((person) => entitlement(person, theCase).eligible && !hasGivenSeat(person, theCase))
    .map(({ id }) => id)
    .sort();
  const holders = keyHolders(snapshot);
  const strongest = ({ id }: { readonly id: string }): Proof => (holders.has(id) ? 'passkey' : 'recent');
  return {
    people: people.slice(0, PEOPLE_MAX),
    left_out: Math.max(0, people.length - PEOPLE_MAX),
    enough: canBeReviewed(theCase, strongest),
  };
}
