/**
 * How the runs that begin in a chunk of the log ended, if they did soon behind it. Told with its end, a run costs the store
 * a hundredth of what telling it again would: words it is no longer found by are to be gone for good. When the follower
 * comes to the end itself, that changes nothing. Reads; writes nothing.
 */
import type { Store } from '../store/store.ts';
import { inList } from './shown.ts';
import { type Told, toldBy } from './told.ts';

/** So many entries are looked through. */
const ENDS_WITHIN = 512;

export async function endsBehind(store: Store, told: readonly Told[], to: number): Promise<readonly Told[]> {
  const ended = new Set(told.flatMap((each) => (each.kind === 'ended' ? [each.execution_id] : [])));
  const open = told.flatMap((each) =>
    each.kind === 'started' && !each.caller_enforced && !ended.has(each.execution_id)
      ? [each.execution_id]
      : [],
  );
  if (open.length === 0) return [];
  const list = inList(open, 2);
  const rows = await store.read({
    sql: `SELECT leaf_index, kind, occurred_at, envelope, request_id, rules FROM entries
           WHERE leaf_index >= $1 AND leaf_index < $2 AND kind = 'execution' AND execution_id ${list.sql} ORDER BY leaf_index`,
    params: [to, to + ENDS_WITHIN, ...list.params],
  });
  return rows.map(toldBy).filter((each) => each !== undefined);
}
