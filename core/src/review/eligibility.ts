/**
 * May this person review this request, and if not, why: the one place that says so. Separation of duties has no exempt
 * role (I4). Pure: the API, pages, channels and the command line all ask these functions, when a vote is cast and again
 * when it is counted, so that no two of them can disagree.
 */
import type { Principal } from '../evaluation.ts';
import {
  canBeSatIn,
  type Directory,
  isSeatedBy,
  type Person,
  type Responsibility,
  responsibleFor,
} from '../people.ts';
import { everySeat, type Proof, type Requirement, type Seat, type Stage, stagesOf } from '../requirement.ts';
import {
  absenteesOf,
  authorsSince,
  type Concern,
  type Duties,
  hasGivenSeat,
  type Sitting,
} from './duties.ts';
import { couldFill, filling, progress, type Vote } from './quorum.ts';

export type ReviewDecision = 'approved' | 'denied';

/** A review as it was cast: by a person (never an account or a group), once a request. */
export type Cast = {
  readonly reviewer: string;
  readonly decision: ReviewDecision;
  readonly proof: Proof;
  /**
   * Cast for good, counted no more. `void`: it was signed, and the signature no longer holds: its key was revoked, say.
   * `left`: whoever cast it has been taken out since; put back, they have not answered it again (A10). `handed_over`: it
   * came through a ticket system that may hand over no such answer now.
   */
  readonly void?: 'void' | 'left' | 'handed_over';
};

/** Why not, to the person who asks: completes “You may not review this: …”. */
export const INELIGIBLE = {
  inactive: 'you are not active here',
  not_a_reviewer: 'you do not have the reviewer role',
  requester: 'it is asked for in your name',
  owner: 'you own this agent',
  act_chain: 'you, or an agent you own, passed it on',
  changed_rules: 'you changed what decides on it since it was asked',
  excluded: 'the policy excludes you from this action',
  no_seat: 'the policy asks for people of other groups',
  already_reviewed: 'you have answered it; your first answer stands',
  delegated: 'your seat is with somebody else for now; take it back first (countersign delegations)',
  later_stage: 'others come first; your stage has not begun',
  void: 'the passkey your answer was signed with no longer counts',
  left: 'you have not been active here all the time since you answered',
  handed_over: 'you answered through a ticket system that may hand over no such answer now',
} as const;

/** The same of somebody else, whose answer no longer counts: completes “no longer counts: …”. */
export const NO_LONGER: { readonly [W in Ineligible]: string } = {
  inactive: 'this person is not active any more',
  not_a_reviewer: 'this person is no reviewer any more',
  requester: 'it is asked for in this person’s name',
  owner: 'this person owns the agent',
  act_chain: 'this person, or an agent of theirs, passed it on',
  changed_rules: 'this person has changed what decides on it',
  excluded: 'the policy excludes this person',
  no_seat: 'this person has no seat in it now',
  already_reviewed: 'this person had answered before',
  delegated: 'this person has given their seat away',
  later_stage: 'it came before its stage began',
  void: 'the passkey it was signed with does not',
  left: 'this person has not been active all the time since',
  handed_over: 'the ticket system it came through may hand over no such answer now',
};

export type Ineligible = keyof typeof INELIGIBLE;

export type Eligibility =
  /** `for`: the absent people in whose seats this person would sit, where they have none of their own. */
  | { readonly eligible: true; readonly for?: readonly string[] }
  | { readonly eligible: false; readonly why: Ineligible };

/** A request and everything that bears on who may review it. */
export type Case = Sitting &
  Concern & {
    readonly principal: Principal;
    /** As who it was opened, where that is asked later: whoever was responsible then stays so. */
    readonly opened_as?: Principal;
    readonly requirement: Requirement;
    readonly directory: Directory;
    readonly duties: Duties;
    /** In the order they were cast. */
    readonly reviews: readonly Cast[];
    /** Unix milliseconds: the moment asked about. */
    readonly now: number;
  };

const no = (why: Ineligible): Eligibility => ({ eligible: false, why });

/** May this person answer now? The order of checks is the order of the answers. */
export function eligibility(person: Person, theCase: Case): Eligibility {
  const asked = entitlement(person, theCase);
  if (!asked.eligible) return asked;
  const cast = castBy(person, theCase);
  // One that counts no more is not said to stand; it stays the only one they give (I5).
  if (cast !== undefined) return no(cast.void ?? 'already_reviewed');
  if (hasGivenSeat(person, theCase)) return no('delegated');
  return inStage(person, theCase);
}

/** Under this name, or one that was theirs when it was asked: one human answers once (I4). */
function castBy({ id }: Person, { reviews, directory, opened_at }: Case): Cast | undefined {
  if (reviews.length === 0) return undefined;
  const once = directory.onceAlso?.(id, opened_at) ?? [];
  return reviews.find(({ reviewer }) => reviewer === id || once.includes(reviewer));
}

const hasReviewed = (person: Person, theCase: Case): boolean => castBy(person, theCase) !== undefined;

/** May this person have a say in it at all: now, in a later stage, or by a vote already cast? */
export function entitlement(person: Person, theCase: Case): Eligibility {
  const why = barredBy(person, theCase);
  if (why !== undefined) return no(why);
  return seatIn(gistOf(theCase).seats, person, () => sitsInFor(person, theCase)) ?? no('no_seat');
}

type Gist = {
  readonly stages: readonly Stage[];
  /** Of all stages. */
  readonly seats: readonly Seat[];
  readonly responsible: readonly ReadonlyMap<string, Responsibility>[];
  readonly authors: ReadonlySet<string>;
};

/** Found once a case, however many people are asked about: a case never changes. */
const gists = new WeakMap<Case, Gist>();

function gistOf(theCase: Case): Gist {
  const known = gists.get(theCase);
  if (known !== undefined) return known;
  const { principal, opened_as, opened_at, directory, requirement } = theCase;
  const stages = stagesOf(requirement);
  const now = responsibleFor(principal, directory, opened_at);
  const found: Gist = {
    stages,
    seats: everySeat(stages),
    responsible: opened_as === undefined ? [now] : [now, responsibleFor(opened_as, directory, opened_at)],
    authors: authorsSince(theCase, theCase),
  };
  gists.set(theCase, found);
  return found;
}

export type Barred = Extract<
  Ineligible,
  'inactive' | 'not_a_reviewer' | 'requester' | 'owner' | 'act_chain' | 'changed_rules' | 'excluded'
>;

/** What no seat makes up for. */
export function barredBy(person: Person, theCase: Case): Barred | undefined {
  if (!person.active) return 'inactive';
  const { authors, seats } = gistOf(theCase);
  // A seat asked for by role is that role's, reviewer or not: two operators can always answer each other (I13).
  const byRole = seats.some(({ by }) => by === 'role:operator') && isSeatedBy(person, 'role:operator');
  if (!byRole && !person.roles.includes('reviewer')) return 'not_a_reviewer';
  const part = partOf(person, theCase);
  if (part !== undefined) return part;
  if (authors.has(person.id)) return 'changed_rules';
  return isExcluded(person, theCase) ? 'excluded' : undefined;
}

/** What this person answers for in it, as whoever asks now and as whoever asked when it was opened. */
export function partOf(
  person: Person,
  theCase: Case,
): Extract<Barred, 'requester' | 'owner' | 'act_chain'> | undefined {
  for (const each of gistOf(theCase).responsible) {
    const as = each.get(person.id);
    if (as !== undefined) return as === 'subject' ? 'requester' : as;
  }
  return undefined;
}

export const isExcluded = (person: Person, { requirement }: Case): boolean =>
  requirement.exclude.some((by) => isSeatedBy(person, by));

/** Absent people whose seats are this person's to sit in: who may review it themselves, and have not. */
function sitsInFor(person: Person, theCase: Case): readonly Person[] {
  const absent = absenteesOf(person, theCase);
  if (absent.length === 0) return absent;
  return absent.filter((each) => barredBy(each, theCase) === undefined && !hasReviewed(each, theCase));
}

/** One of these seats for this person: their own, else one they sit in. */
function seatIn(
  seats: readonly Seat[],
  person: Person,
  absent: () => readonly Person[],
): Eligibility | undefined {
  if (seats.some(({ by }) => isSeatedBy(person, by))) return { eligible: true };
  const found = absent().filter((each) => seats.some(({ by }) => canBeSatIn(each, by)));
  return found.length === 0 ? undefined : { eligible: true, for: found.map(({ id }) => id) };
}

/** Stages come in order: who has a seat only in a later one waits, and so does who would add nothing to this one. */
function inStage(person: Person, theCase: Case): Eligibility {
  const { stages, seats } = gistOf(theCase);
  const absent = sitsInFor(person, theCase);
  if (stages.length === 1) return seatIn(seats, person, () => absent) ?? no('no_seat');
  const { full, open, rest } = progress(stages, standingVotes(theCase));
  if (open === undefined) return seatIn(seats, person, () => absent) ?? no('no_seat');
  const seat = seatIn(everySeat(stages.slice(full.length, full.length + 1)), person, () => absent);
  const later = seatIn(everySeat(stages.slice(full.length + 1)), person, () => absent);
  if (seat === undefined) return no(later === undefined ? 'no_seat' : 'later_stage');
  const vote: Vote = { person, proof: 'passkey', for: absent };
  const adds = filling(open, [...rest, vote]).filled > filling(open, rest).filled;
  return adds || later === undefined ? seat : no('later_stage');
}

/** The approvals that count now, in the order they were cast: by people who may still review it (I8), of each human one. */
export function standingVotes(theCase: Case): readonly Vote[] {
  const { directory, opened_at } = theCase;
  const counted = new Set<string>();
  return theCase.reviews.flatMap(({ reviewer, decision, proof, void: lost }) => {
    const person = directory.person(reviewer);
    if (decision !== 'approved' || lost !== undefined || person === undefined) return [];
    if (counted.has(person.id) || !entitlement(person, theCase).eligible) return [];
    for (const id of directory.onceAlso?.(person.id, opened_at) ?? []) counted.add(id);
    return [voteOf(person, proof, theCase)];
  });
}

/** This person's approval, as it would count. */
export function voteOf(person: Person, proof: Proof, theCase: Case): Vote {
  const absent = sitsInFor(person, theCase);
  return absent.length === 0 ? { person, proof } : { person, proof, for: absent };
}

/**
 * Could the quorum ever be met by the people there are? If not, the request is refused at once: `no_eligible_reviewer`.
 * Never for an agent nobody owns: whoever reviewed it could be the one responsible for it (I4). `strongest`: the best
 * proof a person can give now.
 */
export function canBeReviewed(
  theCase: Case,
  strongest: (person: Person) => Proof = () => 'passkey',
): boolean {
  if (theCase.principal.owner === null) return false;
  const votes: Vote[] = [];
  for (const person of theCase.directory.people()) {
    if (hasGivenSeat(person, theCase) || !entitlement(person, theCase).eligible) continue;
    votes.push(voteOf(person, strongest(person), theCase));
  }
  return couldFill(theCase.requirement, votes);
}
