/** The runs of a request, and whether a broken glass let them through. */
import type { Execution } from '@countersign/sdk';
import type { Store } from '../../store/store.ts';
import type { StoredRequest } from './row.ts';

export async function executionsOf(
  store: Store,
  { request, resolution }: Pick<StoredRequest, 'request' | 'resolution'>,
): Promise<readonly Execution[]> {
  const broken_glass = resolution?.broken_glass;
  const rows = await store.read({
    sql: 'SELECT id, status, started_at, ended_at FROM executions WHERE request_id = $1 ORDER BY started_at',
    params: [request.id],
  });
  return rows.map((row) => ({
    id: String(row['id']),
    status: String(row['status']),
    started_at: Number(row['started_at']),
    ...(row['ended_at'] === null ? {} : { ended_at: Number(row['ended_at']) }),
    ...(broken_glass === undefined ? {} : { broken_glass }),
  }));
}
