import type { Step, Store } from '../../store/store.ts';

/** What entries are looked up by, and where that is kept: in an index of the table itself, or in `entry_terms`. */
export const TERMS = ['agent', 'action', 'resource', 'upstream', 'kind'] as const;
export type Term = (typeof TERMS)[number];

/** Entries taken at a time: a few milliseconds of the writer, so that no permit waits long behind it. */
const CHUNK = 256;

/** How far the terms are indexed. Whoever looks up reads the entries after it one by one. */
export async function indexedSize(store: Store): Promise<number> {
  const [row] = await store.read({
    sql: "SELECT value FROM meta WHERE name = 'entries_indexed'",
    params: [],
  });
  return Number(row?.['value'] ?? 0);
}

/** Indexes the terms of entries up to `size`. By compare-and-set: a crash, or another node, between two chunks changes nothing. */
export async function indexEntries(store: Store, size: number): Promise<void> {
  for (let from = await indexedSize(store); from < size; ) {
    const to = Math.min(size, from + CHUNK);
    const sets = await store.read({
      sql: 'SELECT DISTINCT rules FROM entries WHERE leaf_index >= $1 AND leaf_index < $2 AND rules IS NOT NULL',
      params: [from, to],
    });
    const rules = sets.flatMap((row) => copyRules(String(row['rules']), from, to));
    const steps = [advance(from, to), ...TERMS.map((term) => copy(term, from, to)), ...rules];
    const outcome = await store.commit({ name: 'index-entries', steps, entries: [] });
    if (!outcome.ok) return; // another node is at it
    from = to;
  }
}

const copyRules = (set: string, from: number, to: number): readonly Step[] =>
  (JSON.parse(set) as readonly string[]).map((rule) => ({
    name: 'copy-rule',
    sql: `INSERT INTO entry_terms (term, value, leaf_index) SELECT 'rule', $3, leaf_index FROM entries
          WHERE leaf_index >= $1 AND leaf_index < $2 AND rules = $4`,
    params: [from, to, rule, set],
    rows: 'any',
  }));

const advance = (from: number, to: number): Step => ({
  name: 'advance',
  sql: "UPDATE meta SET value = $2 WHERE name = 'entries_indexed' AND value = $1",
  params: [String(from), String(to)],
  rows: 1,
});

const copy = (term: Term, from: number, to: number): Step => ({
  name: `copy-${term}`,
  sql: `INSERT INTO entry_terms (term, value, leaf_index) SELECT '${term}', ${term}, leaf_index FROM entries
        WHERE leaf_index >= $1 AND leaf_index < $2 AND ${term} IS NOT NULL`,
  params: [from, to],
  rows: 'any',
});
