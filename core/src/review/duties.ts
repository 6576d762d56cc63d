/**
 * What people did about who reviews what: who sits in for whom, and who changed the rules since a request was opened.
 * Part of the authority's snapshot, so that a vote counted under it commits only while it is current (I8).
 */
import { type Directory, namedBy, type Person } from '../people.ts';

/**
 * A person who is away gives their seat to another. It never passes on: the other answers with it or nobody does. It adds
 * no vote: whoever sits in is one person, in their own seat or in this one (I4).
 */
export type Delegation = {
  readonly id: string;
  /** Person ids. */
  readonly from: string;
  readonly to: string;
  /** Unix milliseconds: from the first up to, not including, the last. */
  readonly starts_at: number;
  readonly until: number;
};

/** A change of policy, configuration or tools somebody made, by which an action may be permitted that was not. */
export type RuleChange = {
  readonly at: number;
  /** Absent: it bears on every action. */
  readonly tool?: { readonly upstream: string; readonly resource: string };
};

export type Duties = {
  readonly delegations: readonly Delegation[];
  /** By the person (or account) that made them. */
  readonly changes: ReadonlyMap<string, readonly RuleChange[]>;
};

export const NO_DUTIES: Duties = { delegations: [], changes: new Map() };

export const isInForce = ({ starts_at, until }: Delegation, now: number): boolean =>
  starts_at <= now && now < until;

/** Whoever gave this person their seat, those still known. A seat given to two at once is nobody's: it is one seat. */
export function absenteesOf(person: Person, { directory, duties, now }: Sitting): readonly Person[] {
  const { to, from } = indexed(duties);
  const found: Person[] = [];
  for (const given of to.get(person.id) ?? NONE) {
    if (given.from === person.id || !isInForce(given, now)) continue;
    const twice = from.get(given.from)?.some((other) => other.id !== given.id && isInForce(other, now));
    const absentee = twice === true ? undefined : directory.person(given.from);
    if (absentee !== undefined) found.push(absentee);
  }
  return found;
}

const NONE: readonly Delegation[] = [];

type Index = {
  readonly to: ReadonlyMap<string, readonly Delegation[]>;
  readonly from: ReadonlyMap<string, readonly Delegation[]>;
};

/** Made once for each snapshot's duties: they never change. */
const indexes = new WeakMap<Duties, Index>();

function indexed(duties: Duties): Index {
  const known = indexes.get(duties);
  if (known !== undefined) return known;
  const made: Index = {
    to: Map.groupBy(duties.delegations, ({ to }) => to),
    from: Map.groupBy(duties.delegations, ({ from }) => from),
  };
  indexes.set(duties, made);
  return made;
}

export type Sitting = { readonly directory: Directory; readonly duties: Duties; readonly now: number };

export const hasGivenSeat = ({ id }: Person, { duties, now }: Sitting): boolean =>
  indexed(duties)
    .from.get(id)
    ?.some((delegation) => isInForce(delegation, now)) === true;

export type Concern = {
  readonly opened_at: number;
  readonly upstream: string;
  readonly resource: string;
};

/** Who has changed what decides on the request since it was opened, by person id, under whatever name they did it. */
export function authorsSince(
  { directory, duties: { changes } }: Sitting,
  { opened_at, upstream, resource }: Concern,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [by, made] of changes) {
    const bears = made.some(
      ({ at, tool }) =>
        at >= opened_at && (tool === undefined || (tool.upstream === upstream && tool.resource === resource)),
    );
    if (bears) for (const id of namedBy(by, directory, opened_at)) found.add(id);
  }
  return found;
}
