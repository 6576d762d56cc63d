/** Two decisions side by side: what of them differs, and whether the second lets more through. */
import {
  canonicalize,
  type Decision,
  type Json,
  type Obligation,
  type Requirement,
  RISKS,
  stackRequirements,
  strictness,
} from '@countersign/core';
import type { SimulatedChange, SimulatedDecision } from '@countersign/sdk';

export type Difference = Pick<SimulatedChange, 'what' | 'direction'>;
type Direction = Difference['direction'];

export const simulated = (decision: Decision): SimulatedDecision => ({
  effect: decision.effect,
  risk: decision.risk,
  ...(decision.effect === 'require' ? { requirement: decision.requirement } : {}),
  ...(decision.effect === 'deny' ? {} : { obligations: decision.obligations.map(plain) }),
});

/** A rule that is renamed changes nothing: obligations are told by what they do. */
const plain = ({ type, properties }: Obligation): Pick<Obligation, 'type' | 'properties'> => ({
  type,
  properties,
});

export const keyOf = (decision: SimulatedDecision): string => canonicalize(decision as unknown as Json);

/** Undefined where they are the same. What differs most is told: the effect, who reviews, what else is done, the risk. */
export function difference(from: SimulatedDecision, to: SimulatedDecision): Difference | undefined {
  if (from.effect !== to.effect)
    return { what: 'effect', direction: directed(strictness(to.effect) - strictness(from.effect)) };
  const review = reviews(from.requirement, to.requirement);
  if (review !== undefined) return { what: 'review', direction: review };
  const obliged = obligations(from, to);
  if (obliged !== undefined) return { what: 'obligations', direction: obliged };
  if (from.risk === to.risk || from.risk === undefined || to.risk === undefined) return undefined;
  return { what: 'risk', direction: directed(RISKS.indexOf(to.risk) - RISKS.indexOf(from.risk)) };
}

const directed = (more: number): Direction => (more < 0 ? 'looser' : 'stricter');

function reviews(from: Requirement | undefined, to: Requirement | undefined): Direction | undefined {
  if (from === undefined || to === undefined) return undefined;
  const [before, after] = [text(from), text(to)];
  if (before === after) return undefined;
  // Both together ask no more than the second: then it is the stricter one (P2).
  const both = text(stackRequirements(from, to));
  return both === after ? 'stricter' : both === before ? 'looser' : 'different';
}

/** Rules are named in a choice for people; another name is no other review. */
const text = (requirement: Requirement): string =>
  canonicalize(
    JSON.parse(JSON.stringify(requirement, (key, value: unknown) => (key === 'rule' ? '' : value))) as Json,
  );

function obligations(from: SimulatedDecision, to: SimulatedDecision): Direction | undefined {
  const [before, after] = [from, to].map(
    ({ obligations: all = [] }) => new Set(all.map((each) => canonicalize(each as unknown as Json))),
  );
  if (before === undefined || after === undefined) return undefined;
  const [lost, gained] = [before.difference(after).size, after.difference(before).size];
  if (lost === 0 && gained === 0) return undefined;
  return lost === 0 ? 'stricter' : gained === 0 ? 'looser' : 'different';
}
