/** Approvals as people see them: what was approved, for whom, until when, and how many uses are left. */

import type { Approval, Page as PageOf } from '@countersign/sdk';
import type { Page } from '../requests/requests.ts';
import { readCursor, writeCursor } from '../requests/views/paging.ts';
import type { Row, Store } from '../store/store.ts';

const SELECT = `
  SELECT a.id AS id, a.request_id AS request_id, a.status AS status, a.agent AS agent, r.upstream AS upstream,
         r.action_name AS action_name, r.resource AS resource, a.approved_at AS approved_at,
         a.approved_until AS approved_until, a.uses_left AS uses_left, b.id AS broken_glass
    FROM approvals a JOIN requests r ON r.id = a.request_id LEFT JOIN broken_glass b ON b.approval_id = a.id`;

const asSummary = (row: Row): Approval => ({
  id: String(row['id']),
  request_id: String(row['request_id']),
  status: String(row['status']) as Approval['status'],
  agent: String(row['agent']),
  upstream: String(row['upstream']),
  action: String(row['action_name']),
  resource: String(row['resource']),
  approved_at: Number(row['approved_at']),
  approved_until: Number(row['approved_until']),
  uses_left: Number(row['uses_left']),
  ...(row['broken_glass'] === null ? {} : { broken_glass: String(row['broken_glass']) }),
});

export async function readApproval(store: Store, request_id: string): Promise<Approval | undefined> {
  const [row] = await store.read({
    sql: `${SELECT} WHERE a.request_id = $1 ORDER BY a.approved_at DESC LIMIT 1`,
    params: [request_id],
  });
  return row === undefined ? undefined : asSummary(row);
}

export async function listApprovals(
  store: Store,
  { active }: { readonly active?: boolean },
  page: Page,
): Promise<PageOf<Approval>> {
  const after = readCursor(page.cursor) ?? { at: Number.MAX_SAFE_INTEGER, id: '~' };
  const rows = await store.read({
    sql: `${SELECT} WHERE (a.approved_at < $1 OR (a.approved_at = $1 AND a.id < $2)) ${active === true ? "AND a.status = 'active'" : ''}
          ORDER BY a.approved_at DESC, a.id DESC LIMIT $3`,
    params: [after.at, after.id, page.limit + 1],
  });
  const items = rows.slice(0, page.limit).map(asSummary);
  const last = items.at(-1);
  return rows.length > page.limit && last !== undefined
    ? { items, next_cursor: writeCursor({ at: last.approved_at, id: last.id }) }
    : { items };
}
