/** What was asked before a request, and how it went: by this agent of this tool, in this shape, and exactly this. */
import type { Before, RequestHistory } from '@countersign/sdk';
import { wanted } from '../store/search.ts';
import type { Store } from '../store/store.ts';
import { callOf, wantedBy } from './calls/list.ts';
import { tableOf } from './index/table.ts';
import { CALL_COLUMNS, type CallRow, readCall } from './row.ts';
import { inList } from './shown.ts';

/** The newest so many are counted. */
const COUNTED_MAX = 1_000;
const LAST = 5;

type Like = { readonly seq: number; readonly outcome: string; readonly shape: string };

/** Undefined: no call was held for such a request, as far as the log was followed. */
export async function before(
  store: Store,
  request_id: string,
): Promise<Omit<RequestHistory, 'followed'> | undefined> {
  const sql = `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.request_id = $1`;
  const [row] = await store.read({ sql, params: [request_id] });
  if (row === undefined) return undefined;
  const call = readCall(row);
  const [tool, same] = await Promise.all([ofTool(store, call), identical(store, call)]);
  const shape = tool.filter((each) => each.shape !== '' && each.shape === call.shape);
  const shown = await shownOf(store, [tool, shape, same]);
  const more = tool.length > COUNTED_MAX;
  return {
    tool: counted(tool, more, shown),
    shape: counted(shape, more, shown),
    same: counted(same, same.length > COUNTED_MAX, shown),
  };
}

async function ofTool(
  store: Store,
  { agent, upstream, action, resource, seq }: CallRow,
): Promise<readonly Like[]> {
  const table = await tableOf(store);
  const rows = await store.read({
    sql: `SELECT c.seq AS seq, c.outcome AS outcome, c.shape AS shape
            FROM ${table} JOIN calls c ON c.seq = ${table}.rowid
           WHERE ${table} MATCHES $1 AND ${table}.rowid < $2 ORDER BY ${table}.rowid DESC LIMIT $3`,
    params: [wanted(wantedBy({ agent, upstream, action, resource })), seq, COUNTED_MAX + 1],
  });
  return rows.map((row) => ({
    seq: Number(row['seq']),
    outcome: String(row['outcome']),
    shape: String(row['shape']),
  }));
}

async function identical(store: Store, { same, seq }: CallRow): Promise<readonly Like[]> {
  if (same === '') return [];
  const rows = await store.read({
    sql: "SELECT seq, outcome, shape FROM calls WHERE same = $1 AND same <> '' AND seq < $2 ORDER BY seq DESC LIMIT $3",
    params: [same, seq, COUNTED_MAX + 1],
  });
  return rows.map((row) => ({
    seq: Number(row['seq']),
    outcome: String(row['outcome']),
    shape: String(row['shape']),
  }));
}

async function shownOf(
  store: Store,
  lists: readonly (readonly Like[])[],
): Promise<ReadonlyMap<number, CallRow>> {
  const wantedRows = [...new Set(lists.flatMap((list) => list.slice(0, LAST).map(({ seq }) => seq)))];
  if (wantedRows.length === 0) return new Map();
  const list = inList(wantedRows);
  const sql = `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.seq ${list.sql}`;
  return new Map(
    (await store.read({ sql, params: list.params })).map(readCall).map((call) => [call.seq, call]),
  );
}

function counted(found: readonly Like[], more: boolean, shown: ReadonlyMap<number, CallRow>): Before {
  const of = found.slice(0, COUNTED_MAX);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of of) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const last = of.slice(0, LAST).flatMap(({ seq }) => {
    const call = shown.get(seq);
    return call === undefined ? [] : [callOf(call)];
  });
  return { counted: of.length, more, outcomes, last };
}
