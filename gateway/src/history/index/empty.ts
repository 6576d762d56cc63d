/** What an older build derived is thrown away before it is derived again: a few rows at a time, however many there are. */
import type { Step, Store } from '../../store/store.ts';
import { createPace } from './pace.ts';
import { BEFORE, TABLE } from './table.ts';

const ROWS_MAX = 512;
/** Words first: a crash between two leaves nothing to be found that is not there. */
const DERIVED = [
  [TABLE, 'rowid'],
  [BEFORE, 'rowid'],
  ['call_reviewers', 'seq'],
  ['calls', 'seq'],
  ['trails', 'id'],
  ['call_days', 'day'],
] as const;

const EMPTYING = 'emptying';

const meta = (name: string, value: string): Step => ({
  name: 'set',
  sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  params: [name, value],
  rows: 1,
});

/** Nothing of it, if another node has gone on from there: what that one derived by now is not to be thrown away. */
const from = (version: string | undefined, to: string): Step =>
  version === undefined
    ? {
        name: 'from',
        sql: "INSERT INTO meta (name, value) VALUES ('calls_version', $1) ON CONFLICT (name) DO NOTHING",
        params: [to],
        rows: 1,
      }
    : {
        name: 'from',
        sql: "UPDATE meta SET value = $2 WHERE name = 'calls_version' AND value = $1",
        params: [version, to],
        rows: 1,
      };

/** Throws away a little of what another version than this derived; false once nothing of it is left. */
export function createEmptier(store: Store, version: string): () => Promise<boolean> {
  const pace = createPace(ROWS_MAX);
  let settled = false;
  return async () => {
    if (settled) return false;
    const found = await versionOf(store);
    settled = found === version;
    if (settled) return false;
    // From here until the end nothing is followed: what is derived anew must not meet what was.
    if (found !== EMPTYING) await commit(store, [from(found, EMPTYING), meta('calls_followed', '0')]);
    else if (!(await pace.take(() => emptySome(store, pace.rows))))
      await commit(store, [from(EMPTYING, version), meta('index_moved', 'done')]);
    return true;
  };
}

async function versionOf(store: Store): Promise<string | undefined> {
  const [row] = await store.read({ sql: "SELECT value FROM meta WHERE name = 'calls_version'", params: [] });
  return row === undefined ? undefined : String(row['value']);
}

async function emptySome(store: Store, rows: number): Promise<boolean> {
  for (const [table, key] of DERIVED) {
    const [left] = await store.read({ sql: `SELECT ${key} FROM ${table} LIMIT 1`, params: [] });
    if (left === undefined) continue;
    const sql = `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT ${rows})`;
    await commit(store, [from(EMPTYING, EMPTYING), { name: 'empty', sql, params: [], rows: 'any' }]);
    return true;
  }
  return false;
}

const commit = (store: Store, steps: readonly Step[]): Promise<unknown> =>
  store.commit({ name: 'history-anew', steps, entries: [] });
