/** What a replay has found so far, in bounded room: groups of like changes, what could not be replayed, how rules bore. */
import type { Decision, RuleHit } from '@countersign/core';
import type {
  NotReplayed,
  NotReplayedWhy,
  PolicySimulation,
  SimulatedChange,
  SimulatedDecision,
  SimulatedExample,
  SimulatedRule,
} from '@countersign/sdk';
import type { LoadedPolicy } from '../../policy/load.ts';
import { type Difference, keyOf } from './decision.ts';
import type { Recorded } from './recorded.ts';

const EXAMPLES_MAX = 5;
/** Kept while counting, and told. */
const GROUPS_MAX = 20_000;
const TOLD_MAX = 1_000;

export type Change = Difference & {
  readonly from: SimulatedDecision;
  readonly to: SimulatedDecision;
  readonly from_rules: readonly string[];
  readonly to_rules: readonly string[];
};

type Group = { -readonly [K in keyof SimulatedChange]: SimulatedChange[K] } & {
  examples: SimulatedExample[];
};
type Left = { count: number; readonly examples: string[] };
type Bore = { decided: number; outranked: number; would_have: number };

export class Tally {
  replayed = 0;
  replayed_partly = 0;
  changed = 0;
  decided_otherwise_then = 0;
  again = 0;
  readonly #groups = new Map<string, Group>();
  #beyond = 0;
  readonly #left = new Map<NotReplayedWhy, Left>();
  readonly #rules: ReadonlyMap<string, Bore>;
  readonly #draft: LoadedPolicy;

  constructor(draft: LoadedPolicy) {
    this.#draft = draft;
    this.#rules = new Map(
      draft.rules.map(({ id }) => [id, { decided: 0, outranked: 0, would_have: 0 }] as const),
    );
  }

  leaveOut(why: NotReplayedWhy, { event_id }: Pick<Recorded, 'event_id'>): void {
    const left = this.#left.get(why) ?? { count: 0, examples: [] };
    this.#left.set(why, left);
    left.count += 1;
    if (left.examples.length < EXAMPLES_MAX) left.examples.push(event_id);
  }

  bore({ explanation }: Decision): void {
    const each = (hits: readonly RuleHit[], how: keyof Bore): void => {
      for (const { rule } of hits) {
        const bore = this.#rules.get(rule);
        if (bore !== undefined) bore[how] += 1;
      }
    };
    each(explanation.deciding, 'decided');
    each(explanation.outranked, 'outranked');
    each(explanation.would_have, 'would_have');
  }

  change(recorded: Recorded, change: Change): void {
    this.changed += 1;
    const { agent } = recorded.who;
    const { upstream, action, resource } = recorded.what;
    const key = JSON.stringify([agent, upstream, action, resource, keyOf(change.from), keyOf(change.to)]);
    const held = this.#groups.get(key);
    if (held === undefined && this.#groups.size >= GROUPS_MAX) {
      this.#beyond += 1;
      return;
    }
    const { from, to, what, direction } = change;
    const { occurred_at } = recorded;
    const group: Group = held ?? {
      agent,
      upstream,
      action,
      resource,
      what,
      direction,
      from,
      to,
      count: 0,
      first_at: occurred_at,
      last_at: occurred_at,
      examples: [],
    };
    this.#groups.set(key, group);
    group.count += 1;
    group.first_at = Math.min(group.first_at, occurred_at);
    group.last_at = Math.max(group.last_at, occurred_at);
    if (group.examples.length < EXAMPLES_MAX) group.examples.push(exampleOf(recorded, change));
  }

  told(): Omit<PolicySimulation, 'since' | 'until' | 'policy' | 'check' | 'reached' | 'stopped'> {
    const { replayed, replayed_partly, changed, decided_otherwise_then, again } = this;
    const changes = [...this.#groups.values()].sort(byWeight);
    return {
      replayed,
      replayed_partly,
      changed,
      decided_otherwise_then,
      again,
      changes: changes.slice(0, TOLD_MAX),
      changes_left_out: Math.max(0, changes.length - TOLD_MAX) + this.#beyond,
      not_replayed: [...this.#left].map(([why, left]): NotReplayed => ({ why, ...left })),
      rules: this.#draft.rules.map(
        ({ id, file, line, then }): SimulatedRule => ({ rule: id, file, line, then, ...this.#boreOf(id) }),
      ),
    };
  }

  #boreOf(rule: string): Bore {
    return this.#rules.get(rule) ?? { decided: 0, outranked: 0, would_have: 0 };
  }
}

const DIRECTIONS = ['looser', 'different', 'stricter'];
const byWeight = (a: SimulatedChange, b: SimulatedChange): number =>
  DIRECTIONS.indexOf(a.direction) - DIRECTIONS.indexOf(b.direction) ||
  b.count - a.count ||
  b.last_at - a.last_at;

const exampleOf = (
  { event_id, occurred_at, request_id, execution_id, outcome }: Recorded,
  { from_rules, to_rules }: Change,
): SimulatedExample => ({
  event_id,
  occurred_at,
  ...(request_id === undefined ? {} : { request_id }),
  ...(execution_id === undefined ? {} : { execution_id }),
  outcome,
  from_rules,
  to_rules,
});
