/**
 * Who stops being active, by whatever change: a line of the configuration, an operator, a provider, an account that turns
 * out to be another's. They lose for good what they had by then: their sessions, and their reviews of whatever is not yet
 * redeemed. Put back, they are let in and asked anew (A10). Never undone, and never told by a clock: a mark names the
 * epoch from which they were out, and every review the one it was cast under.
 */
import type { Directory } from '@countersign/core';
import type { Step } from '../store/store.ts';

/** Active before, and not after. */
export function leavers(before: Directory, after: Directory): readonly string[] {
  if (before === after) return [];
  const left: string[] = [];
  for (const { id, active } of before.people())
    if (active && after.person(id)?.active !== true) left.push(id);
  return left;
}

export const leftSteps = (people: readonly string[], epoch: number): readonly Step[] =>
  people.map((person) => ({
    name: 'left',
    sql: 'INSERT INTO people_left (person, epoch) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET epoch = excluded.epoch',
    params: [person, epoch],
    rows: 1,
  }));
