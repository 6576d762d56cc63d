/**
 * Recorded evaluations decided anew, by the policy in force and by a draft, from the same facts: newest first, until
 * there are no more, or no more time. Nothing it decides is a decision, and what it cannot decide it says it cannot.
 */
import type { Decision, Effect, Evaluation } from '@countersign/core';
import type { PolicySimulation, SimulatedDecision } from '@countersign/sdk';
import type { OperatorsRule } from '../../authority/operators.ts';
import { decideOperation } from '../../operations/decide.ts';
import { OPERATIONS } from '../../operations/operation.ts';
import type { LoadedPolicy } from '../../policy/load.ts';
import { type PartlyKnown, possibleEffects } from '../../policy/partly-known.ts';
import { Schemas } from '../../protocols/mcp/tools/schema.ts';
import { difference, simulated } from './decision.ts';
import {
  type AcceptedOnce,
  PAGE_ROWS,
  type Place,
  type Question,
  type RecordedEntry,
  type Reply,
} from './questions.ts';
import { isToolCall, rebuild } from './rebuild.ts';
import { type Recorded, readRecorded } from './recorded.ts';
import { type Change, Tally } from './tally.ts';

export type Ask = <K extends Question['kind']>(
  question: Extract<Question, { readonly kind: K }>,
) => Promise<Extract<Reply, { readonly kind: K }>>;

export type Replay = {
  readonly inForce: LoadedPolicy;
  readonly draft: LoadedPolicy;
  /** How many operators a change of the gateway's own takes. */
  readonly operators: OperatorsRule | undefined;
  readonly since: number;
  readonly until: number;
  readonly evaluations_max: number;
  readonly ask: Ask;
  /** True once there is no more time. */
  readonly isLate: () => boolean;
};

type Found = Omit<PolicySimulation, 'since' | 'until' | 'policy' | 'check'>;

export async function replay(options: Replay): Promise<Found> {
  const { ask, since, evaluations_max, isLate } = options;
  const tally = new Tally(options.draft);
  const tools = new Tools(ask);
  const schemas = new Schemas();
  let before: Place = { occurred_at: options.until, leaf_index: Number.MAX_SAFE_INTEGER };
  let looked = 0;
  for (;;) {
    const { entries } = await ask({ kind: 'page', since, before });
    const told = entries.map(readRecorded);
    const recorded = told.flatMap((each) => (each.kind === 'evaluation' ? [each.recorded] : []));
    tally.again += told.filter(({ kind }) => kind === 'again').length;
    const { bodies } = await ask({
      kind: 'actions',
      ids: recorded.map(({ evaluation_id }) => evaluation_id),
    });
    for (const each of recorded) {
      const accepted = isToolCall(each) ? await tools.acceptedOf(each.what) : [];
      const rebuilt = rebuild(each, { body: bodies.get(each.evaluation_id), accepted, schemas });
      if (rebuilt.kind === 'whole')
        compare(options, tally, { recorded: each, evaluation: rebuilt.evaluation });
      else if (rebuilt.kind === 'partly') comparePartly(options, tally, { ...rebuilt, recorded: each });
      else tally.leaveOut(rebuilt.why, each);
      looked += 1;
      if (looked >= evaluations_max || isLate()) {
        const stopped = isLate() ? 'time' : 'evaluations';
        return { ...tally.told(), stopped, reached: each.occurred_at };
      }
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE_ROWS) return tally.told();
    if (isLate()) return { ...tally.told(), stopped: 'time', reached: last.occurred_at };
    before = placeOf(last);
  }
}

const placeOf = ({ occurred_at, leaf_index }: RecordedEntry): Place => ({ occurred_at, leaf_index });

/** A tool is asked after once: what was accepted when is the same for all its calls. */
class Tools {
  readonly #ask: Ask;
  readonly #known = new Map<string, readonly AcceptedOnce[]>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async acceptedOf({ upstream, resource }: Recorded['what']): Promise<readonly AcceptedOnce[]> {
    const key = `${upstream}\n${resource}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { accepted } = await this.#ask({ kind: 'tool', upstream, tool: resource });
    if (this.#known.size >= TOOLS_MAX) this.#known.clear();
    this.#known.set(key, accepted);
    return accepted;
  }
}

const TOOLS_MAX = 5_000;

type Policies = Pick<Replay, 'inForce' | 'draft' | 'operators'>;

/** A change of the gateway's own has its floor, whatever the policy. */
const decide = (policy: LoadedPolicy, operators: Replay['operators'], evaluation: Evaluation): Decision =>
  evaluation.facts.binding === OPERATIONS
    ? decideOperation({ policy, ...(operators === undefined ? {} : { operators }) }, evaluation)
    : policy.decide(evaluation);

const rulesOf = ({ explanation }: Decision): readonly string[] =>
  [...new Set(explanation.deciding.map(({ rule }) => rule))].sort();

const same = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');

function compare(
  { inForce, draft, operators }: Policies,
  tally: Tally,
  { recorded, evaluation }: { readonly recorded: Recorded; readonly evaluation: Evaluation },
): void {
  const before = decide(inForce, operators, evaluation);
  const [from_rules, then] = [rulesOf(before), recorded.policy_digest === inForce.ref.digest];
  // The proof that the facts are those of the time: the same policy gives the same answer, for the same reasons.
  if (then && (before.effect !== recorded.effect || !same(from_rules, recorded.rules))) {
    tally.leaveOut('not_as_recorded', recorded);
    return;
  }
  const after = decide(draft, operators, evaluation);
  tally.replayed += 1;
  tally.bore(after);
  if (before.effect !== recorded.effect) tally.decided_otherwise_then += 1;
  const [from, to] = [simulated(before), simulated(after)];
  const found = difference(from, to);
  if (found === undefined) return;
  const change: Change = { ...found, from, to, from_rules, to_rules: rulesOf(after) };
  tally.change(recorded, change);
}

type Partly = {
  readonly recorded: Recorded;
  readonly partly: PartlyKnown;
  readonly why: Parameters<Tally['leaveOut']>[0];
};

/** Counted only where each policy has but one answer, whatever the arguments were. */
function comparePartly({ inForce, draft }: Policies, tally: Tally, { recorded, partly, why }: Partly): void {
  const then = recorded.policy_digest === inForce.ref.digest;
  const [before, ...others] = then ? [recorded.effect] : possibleEffects(inForce, partly);
  const [after, ...more] = possibleEffects(draft, partly);
  // Who would review may depend on them too.
  const bothAsk = before === 'require' && after === 'require';
  if (before === undefined || after === undefined || others.length > 0 || more.length > 0 || bothAsk) {
    tally.leaveOut(why, recorded);
    return;
  }
  tally.replayed += 1;
  tally.replayed_partly += 1;
  if (before !== recorded.effect) tally.decided_otherwise_then += 1;
  const [from, to] = [effectOnly(before), effectOnly(after)];
  const found = difference(from, to);
  if (found === undefined) return;
  tally.change(recorded, { ...found, from, to, from_rules: then ? recorded.rules : [], to_rules: [] });
}

const effectOnly = (effect: Effect): SimulatedDecision => ({ effect });
