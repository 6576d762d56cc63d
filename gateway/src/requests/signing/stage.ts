/** Which stage of its review a request is in, and how strongly this person must prove themselves there. Pure. */
import {
  type Case,
  everySeat,
  isSeatedBy,
  type Person,
  PROOFS,
  type Proof,
  quorum,
  stagesOf,
  standingVotes,
  voteOf,
} from '@countersign/core';

/** From 1. */
export const stageNow = (theCase: Case): number =>
  quorum(theCase.requirement, standingVotes(theCase)).stage ?? 1;

/**
 * The weakest proof any seat of this person takes: with less their answer could fill none, and would be their only one.
 * A denial asks for as much: who can sign an approval can sign a denial.
 */
export function proofNeeded(person: Person, theCase: Case): Proof {
  const absent = voteOf(person, 'passkey', theCase).for ?? [];
  const wanted = everySeat(stagesOf(theCase.requirement))
    .filter(({ by }) => [person, ...absent].some((each) => isSeatedBy(each, by)))
    .map(({ proof }) => PROOFS.indexOf(proof));
  return PROOFS[Math.min(...wanted)] ?? 'session';
}
