/**
 * The answer to an operation: what the policy says, and beneath it a floor no rule can lower. Where two operators are
 * needed, one other than the asker must agree; where nobody can say who asks, two must. A policy that says nothing of
 * operations leaves the floor alone, so that an operator is never locked out by a rule nobody wrote.
 */
import {
  type Decision,
  type Evaluation,
  type Require,
  type Requirement,
  RISKS,
  type Risk,
  type RuleHit,
  stackRequirements,
} from '@countersign/core';
import type { Snapshot } from '../authority/authority.ts';
import { FILES } from './operation.ts';

const HOUR_MS = 3_600_000;
const WITHIN_MS = 24 * HOUR_MS;
const VALID_MS = HOUR_MS;

/** Rule ids have no colon: no policy can call one of its own like this. */
export const FLOOR_RULE = 'countersign:two-operators';

/** Who asks, and whom it is about. */
export type Asks = {
  /** No operator asks: one must agree, however few there have been. */
  readonly by_another: boolean;
  /** Ids of people who do not agree to it. */
  readonly barred: readonly string[];
};

const BY_OPERATOR: Asks = { by_another: false, barred: [] };

export function decideOperation(
  { policy, operators }: Pick<Snapshot, 'policy' | 'operators'>,
  evaluation: Evaluation,
  { by_another, barred }: Asks = BY_OPERATOR,
): Decision {
  const said = policy.decide(evaluation);
  if (said.effect === 'deny' && said.reason !== 'nothing_matched') return said;
  if (operators?.kind === 'two' || by_another)
    return barring(floored(said, evaluation.subject.id === FILES ? 2 : 1), barred);
  if (said.effect === 'require') return barring({ ...said, requirement: once(said.requirement) }, barred);
  return said.effect === 'deny' ? { ...said, effect: 'allow' } : said;
}

function barring(said: Require, barred: readonly string[]): Require {
  if (barred.length === 0) return said;
  const { requirement } = said;
  const people = barred.map((id) => `person:${id}` as const);
  const exclude = [...new Set([...requirement.exclude, ...people])].sort();
  return { ...said, requirement: { ...requirement, exclude } };
}

/** One approval makes one change; none is granted for changes to come, and no glass is broken for any. */
const once = ({ grant: _, break_glass: __, ...asked }: Requirement): Requirement => ({ ...asked, uses: 1 });

function floored(said: Decision, count: number): Require {
  const requirement: Requirement = {
    seats: [{ by: 'role:operator', count, proof: 'session' }],
    choices: [],
    exclude: [],
    within_ms: WITHIN_MS,
    valid_ms: VALID_MS,
    uses: 1,
  };
  const { explanation } = said;
  const hit = hitOf(requirement, count);
  const asks = said.effect === 'require';
  return {
    effect: 'require',
    risk: atLeastHigh(said.risk),
    obligations: [],
    requirement: asks ? once(stackRequirements(said.requirement, requirement)) : requirement,
    explanation: {
      ...explanation,
      deciding: asks ? [...explanation.deciding, hit] : [hit],
      outranked: asks ? explanation.outranked : [...explanation.outranked, ...explanation.deciding],
    },
  };
}

const hitOf = (requirement: Requirement, count: number): RuleHit => ({
  rule: FLOOR_RULE,
  about:
    count === 1
      ? 'Changing what decides takes two operators: whoever asks, and another'
      : 'Changing what decides takes two operators: nobody can say who changed a file, so two must agree',
  file: 'built-in',
  line: 1,
  then: 'require',
  risk: 'high',
  opaque: false,
  dry_run: false,
  values: {},
  requirement,
  obligations: [],
});

const atLeastHigh = (risk: Risk): Risk => (RISKS.indexOf(risk) < RISKS.indexOf('high') ? 'high' : risk);
