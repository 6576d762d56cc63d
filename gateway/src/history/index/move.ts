/**
 * Brings a store up whose words have no index of their beginnings: copies them to a table that has one, a few at a time
 * and while everything goes on, then takes the older ones away. A crash anywhere goes on from there.
 */
import type { Step, Store } from '../../store/store.ts';
import { createPace } from './pace.ts';
import { BEFORE, moveOf, TABLE } from './table.ts';

const ROWS_MAX = 256;

/** Does a little; false when nothing is left to do. */
export function createMover(store: Store): () => Promise<boolean> {
  const pace = createPace(ROWS_MAX);
  return async () => {
    const move = await moveOf(store);
    if (move.kind === 'done') return false;
    await pace.take(() =>
      move.kind === 'moving' ? moveSome(store, move, pace.rows) : emptySome(store, pace.rows),
    );
    return true;
  };
}

type Place = { readonly after: number; readonly until: number };

async function moveSome(store: Store, { after, until }: Place, rows: number): Promise<void> {
  const next = await store.read({
    sql: 'SELECT seq FROM calls WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3',
    params: [after, until, rows],
  });
  const last = next.at(-1)?.['seq'];
  if (last === undefined) return advance(store, { from: String(after), to: 'emptying' }, []);
  const copy: Step = {
    name: 'move-words',
    sql: `INSERT INTO ${TABLE} (rowid, terms, words) SELECT rowid, terms, words FROM ${BEFORE} WHERE rowid > $1 AND rowid <= $2`,
    params: [after, Number(last)],
    rows: 'any',
  };
  return advance(store, { from: String(after), to: String(last) }, [copy]);
}

async function emptySome(store: Store, rows: number): Promise<void> {
  const [left] = await store.read({ sql: `SELECT rowid FROM ${BEFORE} LIMIT 1`, params: [] });
  if (left === undefined) return advance(store, { from: 'emptying', to: 'done' }, []);
  const empty: Step = {
    name: 'empty-words',
    sql: `DELETE FROM ${BEFORE} WHERE rowid IN (SELECT rowid FROM ${BEFORE} ORDER BY rowid LIMIT ${rows})`,
    params: [],
    rows: 'any',
  };
  return advance(store, { from: 'emptying', to: 'emptying' }, [empty]);
}

/** Nothing of it, if somebody else has gone on from there. */
async function advance(
  store: Store,
  { from, to }: { readonly from: string; readonly to: string },
  steps: readonly Step[],
): Promise<void> {
  const guard: Step = {
    name: 'advance',
    sql: "UPDATE meta SET value = $2 WHERE name = 'index_moved' AND value = $1",
    params: [from, to],
    rows: 1,
  };
  await store.commit({ name: 'move-index', steps: [guard, ...steps], entries: [] });
}
