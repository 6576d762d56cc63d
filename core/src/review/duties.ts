/**
 * What people did about who reviews what: who sits in for whom, and who changed the rules since a request was opened.
 * Part of the authority's snapshot, so that a vote counted under it commits only while it is current (I8).
 */
import type { Directory, Person } from '../people.ts';

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

export const isInForce = (
  { starts_at, until }: Pick<Delegation, 'starts_at' | 'until'>,
  now: number,
): boolean => starts_at <= now && now < until;

/** Whoever gave this person their seat, those still known. A seat given to two at once is nobody's: it is one seat. */
export function absenteesOf(person: Person, { directory, duties, now }: Sitting): readonly Person[] {
  const found: Person[] = [];
  for (const { id, from, to, ...span } of duties.delegations) {
    if (to !== person.id || from === to || !isInForce(span, now)) continue;
    if (duties.delegations.some((other) => other.from === from && other.id !== id && isInForce(other, now)))
      continue;
    const absentee = directory.person(from);
    if (absentee !== undefined) found.push(absentee);
  }
  return found;
}

export type Sitting = { readonly directory: Directory; readonly duties: Duties; readonly now: number };

export const hasGivenSeat = ({ id }: Person, { duties, now }: Sitting): boolean =>
  duties.delegations.some((delegation) => delegation.from === id && isInForce(delegation, now));

export type Concern = {
  readonly opened_at: number;
  readonly upstream: string;
  readonly resource: string;
};

/** Did this person, under whatever name, change what now decides on the request since it was opened? */
export function changedTheRules(
  { id }: Person,
  { directory, duties: { changes } }: Sitting,
  { opened_at, upstream, resource }: Concern,
): boolean {
  for (const [by, made] of changes) {
    if ((directory.personOfAccount(by)?.id ?? by) !== id) continue;
    const bears = ({ at, tool }: RuleChange): boolean =>
      at >= opened_at && (tool === undefined || (tool.upstream === upstream && tool.resource === resource));
    if (made.some(bears)) return true;
  }
  return false;
}
