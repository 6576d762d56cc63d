/**
 * When votes add up: stages one after the other, in each every seat filled, and each person in one seat over all of them
 * (I4, P9, A14). Asks only who sits where; that the votes count at all is decided before.
 */
import { canBeSatIn, isSeatedBy, type Person } from '../people.ts';
import {
  mergeSeats,
  type Proof,
  proofMeets,
  type Requirement,
  type Seat,
  type Stage,
  stagesOf,
} from '../requirement.ts';

export type Vote = {
  readonly person: Person;
  readonly proof: Proof;
  /** Absent people whose seats this person may sit in, instead of their own. */
  readonly for?: readonly Person[];
};

export type Quorum = {
  readonly met: boolean;
  readonly filled: number;
  readonly needed: number;
  /** Where the requirement has several stages: the one people answer in now, from 1, or the last once all are met. */
  readonly stage?: number;
  readonly stages?: number;
};

/** Whether distinct people fill every seat. `votes` are approvals that count, in the order they were cast. */
export function quorum(requirement: Requirement, votes: readonly Vote[]): Quorum {
  const stages = stagesOf(requirement);
  const { full, open, rest } = progress(stages, votes);
  const now = open === undefined ? [] : [filling(open, rest)];
  const [only] = [...full, ...now];
  if (stages.length === 1 && only !== undefined) return only;
  const later = stages.slice(full.length + 1).map((stage) => filling(ways(stage), []));
  const all = [...full, ...now, ...later];
  return {
    met: open === undefined && stages.length > 0,
    filled: all.reduce((sum, { filled }) => sum + filled, 0),
    needed: all.reduce((sum, { needed }) => sum + needed, 0),
    stage: Math.min(full.length + 1, stages.length),
    stages: stages.length,
  };
}

export type Progress = {
  readonly full: readonly Quorum[];
  /** The stage people answer in, as each set of seats that would fill it; undefined when all are full. */
  readonly open: Ways | undefined;
  /** Votes cast since it began. */
  readonly rest: readonly Vote[];
};

/**
 * A stage begins when the one before is full: a vote cast earlier does not count in it. The shortest run of votes that
 * fills a stage leaves the most for those after it, so taking that one is never worse than another.
 */
export function progress(stages: readonly Stage[], votes: readonly Vote[]): Progress {
  let rest = strongestVotes(votes);
  const full: Quorum[] = [];
  for (const stage of stages) {
    const open = ways(stage);
    const fewest = Math.min(...open.map((places) => places.length));
    let run = Math.max(1, fewest);
    while (run <= rest.length && !filling(open, rest.slice(0, run)).met) run += 1;
    if (run > rest.length) return { full, open, rest };
    full.push(filling(open, rest.slice(0, run)));
    rest = rest.slice(run);
  }
  return { full, open: undefined, rest };
}

/** One stage. With alternatives, the best-filled way counts. */
export function filling(stage: Ways, votes: readonly Vote[]): Quorum {
  let best: Quorum = { met: false, filled: 0, needed: Number.POSITIVE_INFINITY };
  for (const places of stage) {
    const now = seating(places, votes);
    if (now.met) return now;
    if (now.needed - now.filled < best.needed - best.filled) best = now;
  }
  return best;
}

/** Could these people, each in one seat over all stages, ever fill them? Order aside: it is for them to answer in it. */
export function couldFill(requirement: Requirement, votes: readonly Vote[]): boolean {
  const stages = stagesOf(requirement);
  let found: readonly (readonly Seat[])[] = [[]];
  for (const stage of stages) {
    // A stage that asks nobody is never met, and so is none of those after it.
    const options = ways(stage).filter((places) => places.length > 0);
    found = fewest(found.flatMap((places) => options.map((more) => [...places, ...more])));
  }
  const distinct = strongestVotes(votes);
  return found.some((places) => seating(places, distinct).met);
}

function seating(places: readonly Seat[], votes: readonly Vote[]): Quorum {
  const filled = matching(places, votes);
  return { met: places.length > 0 && filled === places.length, filled, needed: places.length };
}

/** One vote a person; of two by the same person the better proven counts, in whatever order they came. */
function strongestVotes(votes: readonly Vote[]): readonly Vote[] {
  const strongest = new Map<string, Vote>();
  for (const vote of votes) {
    const held = strongest.get(vote.person.id);
    if (held === undefined || proofMeets(vote.proof, held.proof)) strongest.set(vote.person.id, vote);
  }
  return [...strongest.values()];
}

/** Ways kept at once. Rules with alternatives that match together multiply; leaving ways out can only refuse (I15). */
const WAYS_MAX = 256;

/** Each a list of places, one for every person it takes. */
export type Ways = readonly (readonly Seat[])[];

/** Every set of seats that would do: the fixed ones with one alternative of each choice, merged as rules are (P2). */
function ways(stage: Stage): Ways {
  let found: readonly (readonly Seat[])[] = [mergeSeats(stage.seats)];
  for (const { anyOf } of stage.choices) {
    const next = new Map<string, readonly Seat[]>();
    for (const seats of found) {
      for (const alternative of anyOf) {
        const merged = mergeSeats([...seats, ...alternative]);
        next.set(JSON.stringify(merged.map((seat) => [seat.by, seat.count, seat.proof])), merged);
      }
    }
    found = [...next.values()].sort((a, b) => count(a) - count(b)).slice(0, WAYS_MAX);
  }
  return found.map(placesOf);
}

const count = (seats: readonly Seat[]): number => seats.reduce((sum, seat) => sum + seat.count, 0);

const placesOf = (seats: readonly Seat[]): readonly Seat[] =>
  seats.flatMap((seat) => Array.from({ length: seat.count }, () => seat));

const fewest = (found: readonly (readonly Seat[])[]): readonly (readonly Seat[])[] =>
  found.length <= WAYS_MAX ? found : found.toSorted((a, b) => a.length - b.length).slice(0, WAYS_MAX);

/** Size of a maximum matching of people to places (Kuhn's augmenting paths), or the number of places once all are taken. */
function matching(places: readonly Seat[], votes: readonly Vote[]): number {
  const seatedAt = new Map<number, number>();
  const seat = (voter: number, tried: Set<number>): boolean => {
    for (const [at, place] of places.entries()) {
      const vote = votes[voter];
      if (vote === undefined || tried.has(at) || !fits(vote, place)) continue;
      tried.add(at);
      const holder = seatedAt.get(at);
      if (holder === undefined || seat(holder, tried)) {
        seatedAt.set(at, voter);
        return true;
      }
    }
    return false;
  };
  let filled = 0;
  for (const voter of votes.keys()) {
    if (filled === places.length) break;
    if (seat(voter, new Set())) filled += 1;
  }
  return filled;
}

const fits = (vote: Vote, place: Seat): boolean => proofMeets(vote.proof, place.proof) && sits(vote, place);

const sits = ({ person, for: absent = [] }: Vote, { by }: Seat): boolean =>
  isSeatedBy(person, by) || absent.some((each) => canBeSatIn(each, by));
