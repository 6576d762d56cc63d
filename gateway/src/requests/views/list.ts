/** Lists requests: pending ones most urgent first, others newest first. */
import { eligibility, entitlement, type Person, RISKS } from '@countersign/core';
import type { Page as PageOf, RequestSummary } from '@countersign/sdk';
import type { Snapshot } from '../../authority/authority.ts';
import type { Deps } from '../../deps.ts';
import type { Value } from '../../store/store.ts';
import { caseOf, loadCase } from '../case.ts';
import type { Page, RequestFilter } from '../requests.ts';
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
  const { rows, ...next } = await rowsOf(deps, filter, page);
  return { items: await Promise.all(rows.map((stored) => summaryOf(deps, stored))), ...next };
}

/** The requests of a page, before anything is made of them. */
export async function rowsOf(
  deps: Deps,
  filter: RequestFilter,
  page: Page,
): Promise<{ readonly rows: readonly StoredRequest[]; readonly next_cursor?: string }> {
  const urgentFirst = filter.status === 'pending' || filter.reviewable_by !== undefined;
  const { rows, last } = await find(deps, filter, { ...page, urgentFirst });
  if (last === undefined) return { rows };
  return { rows, next_cursor: writeCursor({ at: orderOf(last, urgentFirst), id: last.request.id }) };
}

const orderOf = ({ request }: StoredRequest, urgentFirst: boolean): number =>
  urgentFirst ? request.expires_at : request.opened_at;

type Scan = Page & { readonly urgentFirst: boolean };

/** `last` is where the next page begins; undefined when there is none. */
type Found = { readonly rows: readonly StoredRequest[]; readonly last: StoredRequest | undefined };

async function find(deps: Deps, filter: RequestFilter, scan: Scan): Promise<Found> {
  const rows = (await deps.store.read(queryOf(filter, scan))).map(readRequest);
  const mine = filter.reviewable_by;
  if (mine === undefined) return pageOf(rows, scan.limit);
  const authority = deps.authority.current();
  const person = authority.directory.person(mine);
  const may: StoredRequest[] = [];
  for (const stored of person === undefined ? [] : rows.slice(0, SCAN_ROWS)) {
    if (may.length > scan.limit) break;
    if (person !== undefined && (await mayAnswer(deps, { stored, person, authority }))) may.push(stored);
  }
  // A page may be short, even empty, and have a next: what others must review hides nothing from this person (A19).
  return may.length <= scan.limit && rows.length > SCAN_ROWS
    ? { rows: may, last: rows[SCAN_ROWS - 1] }
    : pageOf(may, scan.limit);
}

type Asking = { readonly stored: StoredRequest; readonly person: Person; readonly authority: Snapshot };

/** Votes are only looked for where they matter, in stages and seats of absent people: the query has left out what this person answered. */
async function mayAnswer(deps: Deps, { stored, person, authority }: Asking): Promise<boolean> {
  const plain = caseOf(stored, authority, { now: deps.now(), reviews: [] });
  if (!entitlement(person, plain).eligible) return false;
  if (plain.requirement.next === undefined && plain.duties.delegations.length === 0) return true;
  return eligibility(person, await loadCase(deps, stored, { authority })).eligible;
}

const pageOf = (rows: readonly StoredRequest[], limit: number): Found => ({
  rows: rows.slice(0, limit),
  last: rows.length > limit ? rows[limit - 1] : undefined,
});

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
