/**
 * A request whose time is up is over, whether the sweeper came by or not (I14). Whoever asks about one ends it, on the
 * record, as the sweeper would have; so what they are told is what is stored (I5).
 */
import type { Deps } from '../../deps.ts';
import { endRequest } from '../resolve.ts';
import { REQUEST_COLUMNS, readRequest, type StoredRequest } from '../views/row.ts';

/** False: its time is not up, or it is over already. */
export async function endOverdue(deps: Deps, stored: StoredRequest): Promise<boolean> {
  const { status, expires_at } = stored.request;
  const now = deps.now();
  if (status !== 'pending' || now < expires_at) return false;
  // Another may be first: it is over all the same.
  await endRequest(deps, stored, { status: 'expired', now });
  return true;
}

/** Of one requester's identical calls only one may be open: an overdue one would keep the next from being asked. */
export async function endOverdueAlike(deps: Deps, match_key: string): Promise<void> {
  const rows = await deps.store.read({
    sql: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE match_key = $1 AND status = 'pending'`,
    params: [match_key],
  });
  for (const row of rows) await endOverdue(deps, readRequest(row));
}
