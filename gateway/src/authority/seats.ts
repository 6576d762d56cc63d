/**
 * Seats given away end with whoever stops being active, on either side: put back, nobody sits in for them, nor they for
 * anybody, until it is given anew (A10, I8). Ended in the change that takes them out, with an entry each. It gives nobody
 * a seat.
 */
import type { Delegation, Duties } from '@countersign/core';
import type { AuthorityChange } from '../audit/facts/changed.ts';
import type { Step } from '../store/store.ts';

type Said = Omit<AuthorityChange, 'at' | 'epoch'>;

/** What the row has in place of a person: nobody took it back. */
const BY_LEAVING = 'countersign:left';

export type SeatsEnded = {
  readonly duties: Duties;
  readonly steps: readonly Step[];
  readonly records: readonly Said[];
};

export function endSeatsOf(left: readonly string[], duties: Duties, now: number): SeatsEnded {
  const gone = new Set(left);
  const isOver = ({ from, to }: Delegation): boolean => gone.has(from) || gone.has(to);
  const over = left.length === 0 ? [] : duties.delegations.filter(isOver);
  if (over.length === 0) return { duties, steps: [], records: [] };
  return {
    duties: { ...duties, delegations: duties.delegations.filter((each) => !isOver(each)) },
    steps: over.map(endSeat(now)),
    // What was over by then is so without being told.
    records: over.filter(({ until }) => until > now).map((each) => recordOf(each, gone)),
  };
}

const endSeat =
  (now: number) =>
  ({ id }: Delegation): Step => ({
    name: 'end-seat',
    sql: 'UPDATE delegations SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL AND ends_at > $2',
    params: [id, now, BY_LEAVING],
    rows: 'any',
  });

const recordOf = ({ id, from, to }: Delegation, gone: ReadonlySet<string>): Said => ({
  kind: 'config-change',
  task_id: `delegation:${id}`,
  predicate: {
    change: 'seat ended',
    delegation: id,
    from,
    to,
    left: [from, to].filter((each) => gone.has(each)),
  },
});
