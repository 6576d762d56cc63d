/** Calls newest first: by what they are named, how they went, when, and the words in them. Costs what a page costs, however many there are. */
import type { Call, CallFilter } from '@countersign/sdk';
import { OUT_OF_ORDER_MS_MAX } from '../../audit/audit.ts';
import { BadCursor } from '../../cursor.ts';
import { type Wanted, wanted } from '../../store/search.ts';
import type { Query, Store, Value } from '../../store/store.ts';
import { tableOf } from '../index/table.ts';
import { TERMS, termOf, wantedOf } from '../index/words.ts';
import { CALL_COLUMNS, type CallRow, readCall } from '../row.ts';
import { changingBy, type Driver, driverOf, mayFindLittle, STRETCH, sourceOf } from './driver.ts';

type Found = { readonly items: readonly Call[]; readonly next_cursor?: string };

export async function listCalls(
  store: Store,
  filter: CallFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Found> {
  const bounds = await boundsOf(store, filter);
  const below = cursor === undefined ? undefined : readPlace(cursor);
  const table = await tableOf(store);
  const driver = await driverOf(store, filter, wantedBy(filter).length > 0);
  const shape = { ...bounds, limit: limit + 1, below, table, driver };
  const rows = mayFindLittle(driver, filter)
    ? await inStretches(store, filter, shape)
    : (await store.read(queryOf(filter, shape))).map(readCall);
  const last = rows[limit - 1];
  return {
    items: rows.slice(0, limit).map(callOf),
    ...(rows.length > limit && last !== undefined ? { next_cursor: String(last.seq) } : {}),
  };
}

async function inStretches(store: Store, filter: CallFilter, shape: Shape): Promise<readonly CallRow[]> {
  const [newest] = await store.read({ sql: 'SELECT MAX(seq) AS seq FROM calls', params: [] });
  const rows: CallRow[] = [];
  const end = shape.first ?? 0;
  let below = Math.min(shape.below ?? Number.POSITIVE_INFINITY, Number(newest?.['seq'] ?? -1) + 1);
  while (below > end && rows.length < shape.limit) {
    const first = Math.max(end, below - STRETCH);
    const query = queryOf(filter, { ...shape, below, first, limit: shape.limit - rows.length });
    rows.push(...(await store.read(query)).map(readCall));
    below = first;
  }
  return rows;
}

/** @throws BadCursor */
export function readPlace(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new BadCursor();
  return Number(cursor);
}

export type Bounds = { readonly first: number | undefined; readonly last: number | undefined };

/** The log's order is nearly that of time: where in it a time begins and ends, give or take a minute. */
export async function boundsOf(
  store: Store,
  { from, to }: { readonly from?: number; readonly to?: number },
): Promise<Bounds> {
  const place = async (where: string, at: number, order: string): Promise<number | undefined> => {
    const sql = `SELECT seq FROM calls WHERE at ${where} $1 ORDER BY at ${order}, seq ${order} LIMIT 1`;
    const [row] = await store.read({ sql, params: [at] });
    return row === undefined ? undefined : Number(row['seq']);
  };
  const [first, last] = await Promise.all([
    from === undefined ? undefined : place('<', from - OUT_OF_ORDER_MS_MAX, 'DESC'),
    to === undefined ? undefined : place('>=', to + OUT_OF_ORDER_MS_MAX, 'ASC'),
  ]);
  return { first, last };
}

type Shape = Bounds & {
  readonly limit: number;
  readonly below: number | undefined;
  readonly table: string;
  readonly driver: Driver;
};

/** What is wanted of a call’s terms and words. */
export function wantedBy(filter: CallFilter): readonly Wanted[] {
  const terms = TERMS.flatMap((kind): Wanted[] => {
    const name = filter[kind];
    return name === undefined ? [] : [{ column: 'terms', words: [termOf(kind, name)] }];
  });
  return [...terms, ...(filter.q === undefined ? [] : wantedOf(filter.q))];
}

function queryOf(filter: CallFilter, { limit, below, first, last, table, driver }: Shape): Query {
  const params: Value[] = [];
  const put = (value: Value): string => `$${params.push(value)}`;
  const all = wantedBy(filter);
  const searched = all.length > 0;
  const seq = driver === 'words' ? `${table}.rowid` : driver === 'reviewer' ? 'r.seq' : 'c.seq';
  const where = [
    ...(searched ? [`${table}.rowid = c.seq`, `${table} MATCHES ${put(wanted(all))}`] : []),
    ...changingBy(filter, driver, put),
    ...(below === undefined ? [] : [`${seq} < ${put(below)}`]),
    ...(first === undefined ? [] : [`${seq} >= ${put(first)}`]),
    ...(last === undefined ? [] : [`${seq} <= ${put(last)}`]),
    ...(filter.from === undefined ? [] : [`c.at >= ${put(filter.from)}`]),
    ...(filter.to === undefined ? [] : [`c.at < ${put(filter.to)}`]),
  ];
  const from = sourceOf(driver, searched ? table : undefined);
  const sql = `SELECT ${CALL_COLUMNS} FROM ${from}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`} ORDER BY ${seq} DESC LIMIT ${put(limit)}`;
  return { sql, params };
}

export function callOf(row: CallRow): Call {
  const { permitted_by, reason, request_id, granted_by, execution_id } = row;
  const { resolved_at, started_at, ended_at } = row;
  return {
    id: row.id,
    at: row.at,
    agent: row.agent,
    subject: row.subject,
    owner: row.owner,
    team: row.team,
    upstream: row.upstream,
    env: row.env,
    action: row.action,
    resource: row.resource,
    class: row.class,
    risk: row.risk as Call['risk'],
    decision: row.decision,
    outcome: row.outcome,
    ...(permitted_by === null ? {} : { permitted_by }),
    ...(reason === null ? {} : { reason }),
    rules: row.rules,
    reviews: row.reviews,
    sentence: row.sentence,
    ...(request_id === null ? {} : { request_id }),
    ...(granted_by === null ? {} : { granted_by }),
    ...(execution_id === null ? {} : { execution_id }),
    ...(resolved_at === null ? {} : { resolved_at }),
    ...(started_at === null ? {} : { started_at }),
    ...(ended_at === null ? {} : { ended_at }),
    asked_again: row.asked_again,
    trail: row.trail,
  };
}
