/** Lists requests: pending ones most urgent first, others newest first. */
import { eligibility, RISKS } from '@countersign/core';
import type { Deps } from '../../deps.ts';
import type { Value } from '../../store/store.ts';
import type { Page, PageOf, RequestFilter, RequestSummary } from '../requests.ts';
import { readCursor, writeCursor } from './paging.ts';
import { REQUEST_COLUMNS, readRequest, type StoredRequest } from './row.ts';
import { summaryOf } from './summary.ts';

/** Rows looked through for one page when a filter is applied outside SQL. */
const SCAN_ROWS = 500;

export async function listRequests(
  deps: Deps,
  filter: RequestFilter,
  page: Page,
): Promise<PageOf<RequestSummary>> {
  const urgentFirst = filter.status === 'pending' || filter.reviewable_by !== undefined;
  const { rows, more } = await find(deps, filter, { ...page, urgentFirst });
  const items = await Promise.all(rows.map((stored) => summaryOf(deps, stored)));
  const last = rows.at(-1);
  if (!more || last === undefined) return { items };
  return { items, next_cursor: writeCursor({ at: orderOf(last, urgentFirst), id: last.request.id }) };
}

const orderOf = ({ request }: StoredRequest, urgentFirst: boolean): number =>
  urgentFirst ? request.expires_at : request.opened_at;

type Scan = Page & { readonly urgentFirst: boolean };

async function find(
  deps: Deps,
  filter: RequestFilter,
  scan: Scan,
): Promise<{ rows: readonly StoredRequest[]; more: boolean }> {
  const rows = (await deps.store.read(queryOf(filter, scan))).map(readRequest);
  const mine = filter.reviewable_by;
  if (mine === undefined) return { rows: rows.slice(0, scan.limit), more: rows.length > scan.limit };
  const { directory } = deps.authority.current();
  const person = directory.person(mine);
  const may = rows.filter(
    ({ request: { principal, requirement } }) =>
      person !== undefined && eligibility(person, { principal, requirement, directory }).eligible,
  );
  return { rows: may.slice(0, scan.limit), more: may.length > scan.limit || rows.length > SCAN_ROWS };
}

function queryOf(filter: RequestFilter, { limit, cursor, urgentFirst }: Scan) {
  const params: Value[] = [];
  const where: string[] = [];
  const is = (column: string, value: string | undefined): void => {
    if (value === undefined) return;
    params.push(value);
    where.push(`${column} = $${params.length}`);
  };
  is('status', filter.reviewable_by === undefined ? filter.status : 'pending');
  is('agent', filter.agent);
  is('upstream', filter.upstream);
  is('risk', filter.risk !== undefined && RISKS.includes(filter.risk) ? filter.risk : undefined);
  if (filter.reviewable_by !== undefined) {
    params.push(filter.reviewable_by);
    where.push(
      `NOT EXISTS (SELECT 1 FROM reviews v WHERE v.request_id = requests.id AND v.reviewer = $${params.length})`,
    );
  }
  const [column, sign, order] = urgentFirst ? ['expires_at', '>', 'ASC'] : ['opened_at', '<', 'DESC'];
  const after = readCursor(cursor);
  if (after !== undefined) {
    params.push(after.at, after.id);
    const [at, id] = [`$${params.length - 1}`, `$${params.length}`];
    where.push(`(${column} ${sign} ${at} OR (${column} = ${at} AND id ${sign} ${id}))`);
  }
  params.push((filter.reviewable_by === undefined ? limit : SCAN_ROWS) + 1);
  return {
    sql: `SELECT ${REQUEST_COLUMNS} FROM requests ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY ${column} ${order}, id ${order} LIMIT $${params.length}`,
    params,
  };
}
