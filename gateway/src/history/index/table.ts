/**
 * What calls are found by: which table of words is looked in, and every way it is written. There are two while a store
 * made before words had an index of their beginnings is brought up (`move.ts`): the older one is whole until then, and
 * whatever is written, or erased, is written and erased in both.
 */
import type { Step, Store } from '../../store/store.ts';

export const TABLE = 'search_history';
export const BEFORE = 'search_calls';

/** `moving` until everything older stands in the new table; `emptying` while the older one is taken away, a little at a time. */
export type Move =
  | { readonly kind: 'moving'; readonly after: number; readonly until: number }
  | { readonly kind: 'emptying' }
  | { readonly kind: 'done' };

/** Once done it stays so. */
const settled = new WeakSet<Store>();

export async function moveOf(store: Store): Promise<Move> {
  if (settled.has(store)) return { kind: 'done' };
  const rows = await store.read({
    sql: "SELECT name, value FROM meta WHERE name IN ('index_moved', 'index_until')",
    params: [],
  });
  const value = (name: string): string => String(rows.find((row) => row['name'] === name)?.['value'] ?? '');
  const moved = value('index_moved');
  if (moved === 'emptying') return { kind: 'emptying' };
  if (moved !== 'done') return { kind: 'moving', after: Number(moved), until: Number(value('index_until')) };
  settled.add(store);
  return { kind: 'done' };
}

/** Where to look now. */
export const tableOf = async (store: Store): Promise<string> =>
  (await moveOf(store)).kind === 'moving' ? BEFORE : TABLE;

/** Where to write now. */
export const tablesOf = ({ kind }: Move): readonly string[] =>
  kind === 'moving' ? [TABLE, BEFORE] : [TABLE];

type Document = { readonly seq: number; readonly terms: string; readonly words: string };

export const putDocument = ({ seq, terms, words }: Document, move: Move): readonly Step[] =>
  tablesOf(move).map((table) => ({
    name: 'put-words',
    sql: `INSERT INTO ${table} (rowid, terms, words) VALUES ($1, $2, $3)`,
    params: [seq, terms, words],
    rows: 1,
  }));

export const changeWords = (seq: number, words: string): readonly Step[] =>
  [TABLE, BEFORE].map((table) => ({
    name: 'change-words',
    sql: `UPDATE ${table} SET words = $2 WHERE rowid = $1`,
    params: [seq, words],
    rows: 'any',
  }));

/** Of the call a request held. In both, whatever was moved meanwhile: what is erased is nowhere. */
export const forgetWords = (request_id: string, words: string): readonly Step[] =>
  [TABLE, BEFORE].map((table) => ({
    name: 'forget-words',
    sql: `UPDATE ${table} SET words = $2 WHERE rowid IN (SELECT seq FROM calls WHERE request_id = $1)`,
    params: [request_id, words],
    rows: 'any',
  }));
