/** Many rows like one real one: its request, its payloads and its call, under other names, times, outcomes and words. */
import { termsOf } from '../../gateway/src/history/index/words.ts';
import type { Row, Step, Store, Value } from '../../gateway/src/store/store.ts';

const BATCH = 500;
/** After the original: the log’s order is that of time. */
const FIRST_AT = 1_800_000_100_000;
const EVERY_MS = 1_000;
/** Beyond any entry of the log there is. */
const SEQ = 10_000_000;
const STATUSES = ['approved', 'approved', 'approved', 'denied', 'expired', 'cancelled'] as const;
const OUTCOMES: { readonly [status: string]: readonly string[] } = {
  approved: ['succeeded', 'succeeded', 'succeeded', 'failed', 'unused'],
  denied: ['denied'],
  expired: ['expired'],
  cancelled: ['cancelled'],
};

const insert = (table: string, row: Row): Step => ({
  name: `fill-${table}`,
  sql: `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
    .map((_, at) => `$${at + 1}`)
    .join(', ')})`,
  params: Object.values(row),
  rows: 1,
});

const only = async (store: Store, sql: string): Promise<Row> => {
  const [row] = await store.read({ sql, params: [] });
  if (row === undefined) throw new Error(`nothing to copy: ${sql}`);
  return row;
};

export async function fillLists(store: Store, count: number): Promise<void> {
  const request = await only(store, 'SELECT * FROM requests');
  const call = await only(store, 'SELECT * FROM calls');
  const payload = await only(store, "SELECT * FROM payloads WHERE kind = 'action'");
  for (let from = 0; from < count; from += BATCH) {
    const steps: Step[] = [];
    for (let n = from; n < Math.min(count, from + BATCH); n += 1)
      steps.push(...copies({ request, call, payload }, n));
    const outcome = await store.commit({ name: 'fill', steps, entries: [] });
    if (!outcome.ok) throw new Error(`not filled: ${outcome.guard}`);
  }
}

type Originals = { readonly request: Row; readonly call: Row; readonly payload: Row };

/** Agents and words are of two kinds: a few that are everywhere, and some that are rare however many rows there are. */
function copies({ request, call, payload }: Originals, n: number): readonly Step[] {
  const id = `req_${String(n).padStart(26, '0')}`;
  const evaluation = `evl_${String(n).padStart(26, '0')}`;
  const at = FIRST_AT + n * EVERY_MS;
  const status = STATUSES[n % STATUSES.length] ?? 'approved';
  const outcomes = OUTCOMES[status] ?? [];
  const outcome = outcomes[Math.floor(n / STATUSES.length) % outcomes.length] ?? '';
  const named = {
    agent: `agent-${n % 11}`,
    upstream: `upstream-${n % 5}`,
    risk: n % 4 === 0 ? 'high' : 'low',
  };
  const over: { readonly [column: string]: Value } = { ...named, id, status, evaluation_id: evaluation };
  const row = {
    ...call,
    ...named,
    seq: SEQ + n,
    id: evaluation,
    at,
    outcome,
    request_id: id,
    execution_id: null,
    same: '',
    reviews: '[]',
  };
  const terms = termsOf({ ...named, decision: 'held', rules: [] });
  return [
    insert('payloads', { ...payload, id: evaluation, request_id: id }),
    insert('requests', {
      ...request,
      ...over,
      match_key: String(n),
      payload_id: evaluation,
      opened_at: at,
      expires_at: at + 60_000,
      resolved_at: at + 5_000,
    }),
    insert('calls', row),
    insert('search_history', {
      rowid: SEQ + n,
      terms,
      words: `srv data report ${n} rare${n % 97} common words`,
    }),
  ];
}
