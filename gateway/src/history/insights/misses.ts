/** What nearly went another way: held and not let through, or let through only in another form; and what nobody answered. */
import type { Call, NearMiss } from '@countersign/sdk';
import type { Row, Store } from '../../store/store.ts';
import { callOf } from '../calls/list.ts';
import { CALL_COLUMNS, readCall } from '../row.ts';
import type { Span } from './span.ts';

const LAST = 20;
/** Approved this soon after, with the same argument names in the same trail, it stands in the other's place. */
const CHANGED_WITHIN_MS = 3_600_000;
/** The newest so many are looked at for what came in their place. */
const CHANGED_MAX = 500;

const NOT_THROUGH = "c.decision = 'held' AND c.outcome IN ('denied', 'cancelled')";

export async function unanswered(store: Store, { from, to }: Span): Promise<readonly Call[]> {
  const rows = await store.read({
    sql: `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.decision = 'held' AND c.outcome = 'expired' AND c.at >= $1 AND c.at < $2
           ORDER BY c.at DESC, c.seq DESC LIMIT ${LAST}`,
    params: [from, to],
  });
  return rows.map((row) => callOf(readCall(row)));
}

export async function nearMisses(store: Store, { from, to }: Span): Promise<readonly NearMiss[]> {
  const params = [from, to];
  const [missed, changed] = await Promise.all([
    store.read({
      sql: `SELECT ${CALL_COLUMNS} FROM calls c WHERE ${NOT_THROUGH} AND c.at >= $1 AND c.at < $2
             ORDER BY c.at DESC, c.seq DESC LIMIT ${LAST}`,
      params,
    }),
    changes(store, params),
  ]);
  const inPlace = new Map(changed.map((each) => [each.call.id, each]));
  const others = missed
    .map((row) => callOf(readCall(row)))
    .map((call): NearMiss => {
      const kind = call.outcome === 'cancelled' ? 'cancelled' : 'denied';
      return inPlace.get(call.id) ?? { kind, call };
    });
  const shown = new Set(others.map(({ call }) => call.id));
  return [...others, ...changed.filter(({ call }) => !shown.has(call.id))]
    .sort((a, b) => b.call.at - a.call.at)
    .slice(0, LAST);
}

/** Each with the first that was approved in its place. */
async function changes(store: Store, params: readonly number[]): Promise<readonly NearMiss[]> {
  const pairs = await store.read({
    sql: `SELECT c.seq AS seq, MIN(n.seq) AS instead
            FROM (SELECT seq, at, trail, shape, same FROM calls c WHERE ${NOT_THROUGH} AND c.shape <> '' AND c.at >= $1 AND c.at < $2
                   ORDER BY c.at DESC, c.seq DESC LIMIT ${CHANGED_MAX}) c
            JOIN calls n ON n.trail = c.trail AND n.seq > c.seq AND n.shape = c.shape AND n.same <> c.same
             AND n.at < c.at + ${CHANGED_WITHIN_MS} AND n.decision = 'held'
             AND n.outcome NOT IN ('waiting', 'denied', 'expired', 'cancelled', 'void')
           GROUP BY c.seq ORDER BY c.seq DESC LIMIT ${LAST}`,
    params,
  });
  const read = async (row: Row, column: string): Promise<Call | undefined> => {
    const sql = `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.seq = $1`;
    const [found] = await store.read({ sql, params: [row[column] ?? null] });
    return found === undefined ? undefined : callOf(readCall(found));
  };
  const found = await Promise.all(
    pairs.map(async (row) => [await read(row, 'seq'), await read(row, 'instead')] as const),
  );
  return found.flatMap(([call, then]) =>
    call === undefined || then === undefined ? [] : [{ kind: 'changed' as const, call, then }],
  );
}
