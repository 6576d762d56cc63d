/** Trails, the one that moved last first. */
import type { Trail, TrailFilter } from '@countersign/sdk';
import type { Row, Store, Value } from '../../store/store.ts';
import { readPlace } from '../calls/list.ts';

export const TRAIL_COLUMNS =
  'id, bound_by, agent, subject, owner, first_seq, last_seq, started_at, last_at, calls, held, denied, failed';

export function readTrail(row: Row): Trail {
  return {
    id: String(row['id']),
    bound_by: String(row['bound_by']) as Trail['bound_by'],
    agent: String(row['agent']),
    subject: String(row['subject']),
    owner: row['owner'] === null ? null : String(row['owner']),
    started_at: Number(row['started_at']),
    last_at: Number(row['last_at']),
    calls: Number(row['calls']),
    held: Number(row['held']),
    denied: Number(row['denied']),
    failed: Number(row['failed']),
  };
}

export async function listTrails(
  store: Store,
  { agent, from, to }: TrailFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<{ readonly items: readonly Trail[]; readonly next_cursor?: string }> {
  const params: Value[] = [];
  const put = (value: Value): string => `$${params.push(value)}`;
  const where = [
    ...(agent === undefined ? [] : [`agent = ${put(agent)}`]),
    ...(cursor === undefined ? [] : [`last_seq < ${put(readPlace(cursor))}`]),
    // Those that were under way then.
    ...(from === undefined ? [] : [`last_at >= ${put(from)}`]),
    ...(to === undefined ? [] : [`started_at < ${put(to)}`]),
  ];
  const rows = await store.read({
    sql: `SELECT ${TRAIL_COLUMNS} FROM trails${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`} ORDER BY last_seq DESC LIMIT ${put(limit + 1)}`,
    params,
  });
  const last = rows[limit - 1];
  return {
    items: rows.slice(0, limit).map(readTrail),
    ...(rows.length > limit && last !== undefined ? { next_cursor: String(last['last_seq']) } : {}),
  };
}
