/** One trail, step by step: what was asked, decided, run and returned. */
import type { TrailDetail, TrailStep } from '@countersign/sdk';
import type { Deps } from '../../deps.ts';
import { partsOf } from '../calls/detail.ts';
import { callOf, readPlace } from '../calls/list.ts';
import { CALL_COLUMNS, readCall } from '../row.ts';
import { BODY_CHARACTERS_MAX } from '../shown.ts';
import { readTrail, TRAIL_COLUMNS } from './list.ts';

type Showing = {
  readonly viewer: string;
  readonly page: { readonly limit: number; readonly cursor?: string };
};

export async function showTrail(
  deps: Deps,
  id: string,
  { viewer, page: { limit, cursor } }: Showing,
): Promise<Omit<TrailDetail, 'followed'> | undefined> {
  const sql = `SELECT ${TRAIL_COLUMNS} FROM trails WHERE id = $1`;
  const [trail] = await deps.store.read({ sql, params: [id] });
  if (trail === undefined) return undefined;
  const after = cursor === undefined ? -1 : readPlace(cursor);
  const [rows, passed] = await Promise.all([
    deps.store.read({
      sql: `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.trail = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`,
      params: [id, after, limit + 1],
    }),
    deps.store.read({
      sql: 'SELECT COUNT(*) AS n FROM calls WHERE trail = $1 AND seq <= $2',
      params: [id, after],
    }),
  ]);
  const calls = rows.slice(0, limit).map(readCall);
  const parts = await partsOf(deps, calls, { viewer, characters_max: BODY_CHARACTERS_MAX });
  const before = Number(passed[0]?.['n'] ?? 0);
  const steps = calls.flatMap((call, at): TrailStep[] => {
    const part = parts[at];
    if (part === undefined) return [];
    const { shape, same } = call;
    return [{ ...callOf(call), step: before + at + 1, shape, ...(same === '' ? {} : { same }), ...part }];
  });
  const last = calls.at(-1);
  return {
    ...readTrail(trail),
    steps,
    ...(rows.length > limit && last !== undefined ? { next_cursor: String(last.seq) } : {}),
  };
}
