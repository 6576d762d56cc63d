/**
 * Reading the log back: look-up, receipts, export. Only reads: an export is recorded by whoever asks for it. What is
 * found are identifiers and digests; clear text of arguments is not in the log (I7).
 */
import type { LogFilter } from '@countersign/sdk';
import type { Query, Row, Store, Value } from '../../store/store.ts';
import { OUT_OF_ORDER_MS_MAX } from '../audit.ts';
import { indexedSize, TERMS } from '../log/terms.ts';

export const COLUMNS =
  'e.leaf_index, e.event_id, e.kind, e.occurred_at, e.request_id, e.execution_id, e.agent, e.reviewer, e.action, e.resource, e.upstream, e.rules';

/** Where a page ended: the last entry on it. */
export type Place = { readonly leaf_index: number; readonly occurred_at: number };
export type Wanted = { readonly filter: LogFilter; readonly limit: number; readonly after?: Place };

/** Terms in the order of what they usually leave: the first one given drives the search, the others are checked on what it finds. */
const DRIVERS = ['rule', 'resource', 'agent', 'action', 'upstream', 'kind'] as const;

/** Entries newest first; exactly those that match, whatever is indexed so far. */
export async function lookUp(store: Store, wanted: Wanted, columns = COLUMNS): Promise<readonly Row[]> {
  const { filter, limit } = wanted;
  const driver = DRIVERS.find((term) => filter[term] !== undefined);
  if (filter.request !== undefined || filter.reviewer !== undefined || driver === undefined) {
    return store.read(query(wanted, { columns, order: byPlace(filter) }));
  }
  const indexed = await indexedSize(store);
  const fresh = await store.read(query(wanted, { columns, order: 'leaf', from: indexed }));
  if (fresh.length === limit) return fresh;
  const rest = { ...wanted, limit: limit - fresh.length };
  const older = await store.read(query(rest, { columns, order: 'leaf', below: indexed, driver }));
  return [...fresh, ...older];
}

/** Without a term to search by, time is the index; with one, the log's own order is. */
const byPlace = ({ request, reviewer }: LogFilter): 'leaf' | 'time' =>
  request === undefined && reviewer === undefined ? 'time' : 'leaf';

type Shape = {
  readonly columns: string;
  readonly order: 'leaf' | 'time';
  readonly from?: number;
  readonly below?: number;
  readonly driver?: (typeof DRIVERS)[number];
};

function query({ filter, limit, after }: Wanted, { columns, order, from, below, driver }: Shape): Query {
  const params: Value[] = [];
  const put = (value: Value): string => `$${params.push(value)}`;
  const where: string[] = [];
  if (driver !== undefined) where.push(`t.term = '${driver}' AND t.value = ${put(filter[driver] ?? '')}`);
  for (const term of [...TERMS, 'reviewer'] as const) {
    if (filter[term] !== undefined && term !== driver) where.push(`e.${term} = ${put(filter[term])}`);
  }
  if (filter.request !== undefined) where.push(`e.request_id = ${put(filter.request)}`);
  if (filter.rule !== undefined && driver !== 'rule') {
    // The JSON string, quotes and all, so that it matches a whole id or nothing; LIKE would ignore case in one adapter.
    where.push(`REPLACE(e.rules, ${put(JSON.stringify(filter.rule))}, '') <> e.rules`);
  }
  if (filter.since !== undefined) where.push(`e.occurred_at >= ${put(filter.since)}`);
  if (filter.until !== undefined) where.push(`e.occurred_at < ${put(filter.until)}`);
  const at = driver === undefined ? 'e.leaf_index' : 't.leaf_index';
  if (driver !== undefined) where.push(...nearTime(filter, at, put));
  if (from !== undefined) where.push(`${at} >= ${put(from)}`);
  if (below !== undefined) where.push(`${at} < ${put(below)}`);
  if (after !== undefined) where.push(afterPlace(after, { order, at, put }));
  const source =
    driver === undefined ? 'entries e' : 'entry_terms t JOIN entries e ON e.leaf_index = t.leaf_index';
  const sorted = order === 'time' ? 'e.occurred_at DESC, e.leaf_index DESC' : `${at} DESC`;
  const sql = `SELECT ${columns} FROM ${source}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`} ORDER BY ${sorted} LIMIT ${put(limit)}`;
  return { sql, params };
}

/** Spares the search what is well before `since` or after `until`: the log's order is nearly that of time. */
function nearTime({ since, until }: LogFilter, at: string, put: (value: Value) => string): readonly string[] {
  const first = (where: string, order: string): string =>
    `(SELECT leaf_index FROM entries WHERE occurred_at ${where} ORDER BY occurred_at ${order}, leaf_index ${order} LIMIT 1)`;
  return [
    ...(since === undefined
      ? []
      : [`${at} >= COALESCE(${first(`< ${put(since - OUT_OF_ORDER_MS_MAX)}`, 'DESC')}, 0)`]),
    ...(until === undefined
      ? []
      : [`${at} <= COALESCE(${first(`>= ${put(until + OUT_OF_ORDER_MS_MAX)}`, 'ASC')}, ${at})`]),
  ];
}

type Placing = {
  readonly order: 'leaf' | 'time';
  readonly at: string;
  readonly put: (value: Value) => string;
};

function afterPlace({ leaf_index, occurred_at }: Place, { order, at, put }: Placing): string {
  if (order === 'leaf') return `${at} < ${put(leaf_index)}`;
  const time = put(occurred_at);
  return `(e.occurred_at < ${time} OR (e.occurred_at = ${time} AND e.leaf_index < ${put(leaf_index)}))`;
}
