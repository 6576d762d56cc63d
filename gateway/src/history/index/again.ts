/**
 * What calls are found by, and their sentence, are made with secrets out as they were known then. Where more, or others,
 * are known by now, all of it is made again from the stored text, a few at a time, and what differs is replaced: no search
 * finds what masking takes out today (I7).
 */
import type { Deps } from '../../deps.ts';
import type { Step, Store } from '../../store/store.ts';
import { glimpsesOf, notErased } from '../glimpses.ts';
import { CALL_COLUMNS, type CallRow, readCall } from '../row.ts';
import { inList } from '../shown.ts';
import { createPace } from './pace.ts';
import { changeWords, tableOf } from './table.ts';

const ROWS_MAX = 64;

/** `by`: what masked it. `after`: the last that was made again; `until` the last that has to be. */
type State = { readonly by: string; readonly after: number; readonly until: number };

/** Makes a few again; false when nothing is left to do. */
export function createReindexer(deps: Deps): () => Promise<boolean> {
  const pace = createPace(ROWS_MAX);
  let done = '';
  return async () => {
    const by = deps.masking.identity(deps.installation_key);
    if (done === by) return false;
    const stored = await stateOf(deps.store);
    const state = stored?.by === by ? stored : await begin(deps.store, by);
    if (state.after >= state.until) {
      done = by;
      return false;
    }
    await pace.take(() => makeSome(deps, state, pace.rows));
    return true;
  };
}

async function stateOf(store: Store): Promise<State | undefined> {
  const [row] = await store.read({ sql: "SELECT value FROM meta WHERE name = 'calls_masked'", params: [] });
  return row === undefined ? undefined : (JSON.parse(String(row['value'])) as State);
}

/** What is told from now on is masked as it is known now. */
async function begin(store: Store, by: string): Promise<State> {
  const [row] = await store.read({ sql: 'SELECT MAX(seq) AS last FROM calls', params: [] });
  const state = { by, after: -1, until: Number(row?.['last'] ?? -1) };
  await store.commit({
    name: 'index-again',
    steps: [
      {
        name: 'begin',
        sql: "INSERT INTO meta (name, value) VALUES ('calls_masked', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params: [JSON.stringify(state)],
        rows: 1,
      },
    ],
    entries: [],
  });
  return state;
}

async function makeSome(deps: Deps, state: State, rows: number): Promise<void> {
  const { store } = deps;
  const calls = (
    await store.read({
      sql: `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.seq > $1 AND c.seq <= $2 ORDER BY c.seq LIMIT $3`,
      params: [state.after, state.until, rows],
    })
  ).map(readCall);
  const after = calls.at(-1)?.seq ?? state.until;
  const { steps, read } = await changesOf(deps, calls);
  await store.commit({
    name: 'index-again',
    // Erased meanwhile, or taken on by another node: then nothing of this, and it is looked at again.
    steps: [advance(state, { ...state, after }), ...notErased(read), ...steps],
    entries: [],
  });
}

const advance = (from: State, to: State): Step => ({
  name: 'advance',
  sql: "UPDATE meta SET value = $2 WHERE name = 'calls_masked' AND value = $1",
  params: [JSON.stringify(from), JSON.stringify(to)],
  rows: 1,
});

type Changes = { readonly steps: readonly Step[]; readonly read: readonly string[] };

/** Of a call whose text was not kept, or is gone, nothing was ever read but its names: it stays. */
async function changesOf(deps: Deps, calls: readonly CallRow[]): Promise<Changes> {
  const { glimpses, read, kept } = await glimpsesOf(deps, calls);
  const words = await wordsOf(
    deps.store,
    calls.map(({ seq }) => seq),
  );
  const steps = calls.flatMap(({ seq, id, sentence, shape, same }): readonly Step[] => {
    const made = glimpses.get(seq);
    if (made === undefined || !kept.has(id)) return [];
    const changed = made.sentence !== sentence || made.shape !== shape || made.same !== same;
    const sql = 'UPDATE calls SET sentence = $2, shape = $3, same = $4 WHERE seq = $1';
    return [
      ...(changed
        ? [{ name: 'say-again', sql, params: [seq, made.sentence, made.shape, made.same], rows: 1 }]
        : []),
      ...(made.words === words.get(seq) ? [] : changeWords(seq, made.words)),
    ];
  });
  return { steps, read };
}

async function wordsOf(store: Store, seqs: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (seqs.length === 0) return new Map();
  const list = inList(seqs);
  const table = await tableOf(store);
  const rows = await store.read({
    sql: `SELECT rowid AS seq, words FROM ${table} WHERE rowid ${list.sql}`,
    params: list.params,
  });
  return new Map(rows.map((row) => [Number(row['seq']), String(row['words'])]));
}
