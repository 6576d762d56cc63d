/**
 * One person's one vote, whether that person may cast it, and when votes add up. Separation of duties has no exempt
 * role (I4). Pure: the API, channels and CLI all ask these functions, so that no two of them can disagree.
 */
import type { Principal } from './evaluation.ts';
import { type Directory, isSeatedBy, type Person, responsibleFor } from './people.ts';
import { mergeSeats, type Proof, proofMeets, type Requirement, type Seat } from './requirement.ts';

export type ReviewDecision = 'approved' | 'denied';

export type Review = {
  readonly id: string;
  readonly request_id: string;
  /** Person id; never an account or a group. */
  readonly reviewer: string;
  readonly decision: ReviewDecision;
  readonly proof: Proof;
  readonly reviewed_at: number;
};

export const INELIGIBLE = {
  inactive: 'this person is not active',
  not_a_reviewer: 'this person does not have the reviewer role',
  requester: 'nobody reviews an action asked for in their name',
  owner: 'nobody reviews an action of an agent they own',
  act_chain: 'nobody reviews an action they passed on',
  excluded: 'the policy excludes this person from reviewing this action',
  no_seat: 'the policy asks for people of other groups',
} as const;
export type Ineligible = keyof typeof INELIGIBLE;
export type Eligibility =
  | { readonly eligible: true }
  | { readonly eligible: false; readonly why: Ineligible };

export type Case = {
  readonly principal: Principal;
  readonly requirement: Requirement;
  readonly directory: Directory;
};

const no = (why: Ineligible): Eligibility => ({ eligible: false, why });

/** May this person review this request, and if not, why. The order of checks is the order of the answers. */
export function eligibility(person: Person, { principal, requirement, directory }: Case): Eligibility {
  if (!person.active) return no('inactive');
  if (!person.roles.includes('reviewer')) return no('not_a_reviewer');
  const as = responsibleFor(principal, directory).get(person.id);
  if (as !== undefined) return no(as === 'subject' ? 'requester' : as);
  if (requirement.exclude.some((by) => isSeatedBy(person, by))) return no('excluded');
  if (!everySeat(requirement).some((seat) => isSeatedBy(person, seat.by))) return no('no_seat');
  return { eligible: true };
}

const everySeat = (requirement: Requirement): readonly Seat[] => [
  ...requirement.seats,
  ...requirement.choices.flatMap((choice) => choice.anyOf.flat()),
];

export type Vote = { readonly person: Person; readonly proof: Proof };
export type Quorum = { readonly met: boolean; readonly filled: number; readonly needed: number };

/**
 * Whether distinct people fill every seat, each person at most one seat across all groups (P9, A14).
 * With alternatives, the best-filled way counts. `votes` are approvals by eligible people; this asks only who sits where.
 */
export function quorum(requirement: Requirement, votes: readonly Vote[]): Quorum {
  const distinct = strongestVotes(votes);
  let best: Quorum = { met: false, filled: 0, needed: Number.POSITIVE_INFINITY };
  for (const seats of ways(requirement)) {
    const places = seats.flatMap((seat) => Array.from({ length: seat.count }, () => seat));
    const filled = matching(places, distinct);
    const met = places.length > 0 && filled === places.length;
    const now: Quorum = { met, filled, needed: places.length };
    if (met) return now;
    if (now.needed - now.filled < best.needed - best.filled) best = now;
  }
  return best;
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

/**
 * Could the quorum ever be met by the people there are? If not, the request is refused at once: `no_eligible_reviewer`.
 * Never for an agent nobody owns: whoever reviewed it could be the one responsible for it (I4).
 */
export function canBeReviewed(theCase: Case): boolean {
  if (theCase.principal.owner === null) return false;
  const votes: Vote[] = [];
  for (const person of theCase.directory.people()) {
    if (eligibility(person, theCase).eligible) votes.push({ person, proof: 'passkey' });
  }
  return quorum(theCase.requirement, votes).met;
}

/** Ways kept at once. Rules with alternatives that match together multiply; leaving ways out can only refuse (I15). */
const WAYS_MAX = 256;

/** Every set of seats that would do: the fixed ones with one alternative of each choice, merged as rules are (P2). */
function ways(requirement: Requirement): Iterable<readonly Seat[]> {
  let found: readonly (readonly Seat[])[] = [mergeSeats(requirement.seats)];
  for (const { anyOf } of requirement.choices) {
    const next = new Map<string, readonly Seat[]>();
    for (const seats of found) {
      for (const alternative of anyOf) {
        const merged = mergeSeats([...seats, ...alternative]);
        next.set(JSON.stringify(merged.map((seat) => [seat.by, seat.count, seat.proof])), merged);
      }
    }
    found = [...next.values()].sort((a, b) => places(a) - places(b)).slice(0, WAYS_MAX);
  }
  return found;
}

const places = (seats: readonly Seat[]): number => seats.reduce((sum, seat) => sum + seat.count, 0);

/** Size of a maximum matching of people to places (Kuhn's augmenting paths; both sides are small by configuration). */
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
  return votes.reduce((filled, _, voter) => filled + (seat(voter, new Set()) ? 1 : 0), 0);
}

const fits = (vote: Vote, place: Seat): boolean =>
  isSeatedBy(vote.person, place.by) && proofMeets(vote.proof, place.proof);
