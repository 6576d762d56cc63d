/** The sweeper: requests, approvals and grants whose time is up end, on the record, and what a paused agent waits for. Silence is no (I14). */
import { expireApproval } from '../../approvals/end.ts';
import type { Deps } from '../../deps.ts';
import { expireGrant } from '../../grants/end.ts';
import { startRepeating } from '../../repeat.ts';
import { endRequest } from '../resolve.ts';
import { REQUEST_COLUMNS, readRequest } from '../views/row.ts';
import { withdrawPaused } from './withdraw.ts';

const BATCH_ROWS = 500;
const OF_REQUEST = REQUEST_COLUMNS.split(', ')
  .map((column) => `r.${column} AS ${column}`)
  .join(', ');

/** Ends everything overdue at this moment. Returns how many ended. */
export async function sweep(deps: Deps): Promise<number> {
  return (
    (await expireRequests(deps)) +
    (await expireApprovals(deps)) +
    (await expireGrants(deps)) +
    (await withdrawPaused(deps))
  );
}

async function expireRequests(deps: Deps): Promise<number> {
  const now = deps.now();
  const due = await deps.store.read({
    sql: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE status = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT ${BATCH_ROWS}`,
    params: [now],
  });
  const ended = await Promise.all(
    due.map((row) => endRequest(deps, readRequest(row), { status: 'expired', now })),
  );
  return ended.filter(Boolean).length;
}

async function expireGrants(deps: Deps): Promise<number> {
  const due = await deps.store.read({
    sql: `SELECT g.id AS grant_id, ${OF_REQUEST} FROM grants g JOIN requests r ON r.id = g.request_id WHERE g.status = 'active' AND g.given_until <= $1 ORDER BY g.given_until LIMIT ${BATCH_ROWS}`,
    params: [deps.now()],
  });
  const ended = await Promise.all(
    due.map((row) => expireGrant(deps, readRequest(row), String(row['grant_id']))),
  );
  return ended.filter(Boolean).length;
}

async function expireApprovals(deps: Deps): Promise<number> {
  const due = await deps.store.read({
    sql: `SELECT ${OF_REQUEST} FROM approvals a JOIN requests r ON r.id = a.request_id WHERE a.status = 'active' AND a.approved_until <= $1 ORDER BY a.approved_until LIMIT ${BATCH_ROWS}`,
    params: [deps.now()],
  });
  const ended = await Promise.all(
    due.map((row) => expireApproval(deps, readRequest(row), String(row['approval_id']))),
  );
  return ended.filter(Boolean).length;
}

const SWEEP_MS = 1000;

/** Sweeps every second, one sweep at a time, until stopped. A failed sweep is said and tried again. */
export function startSweeper(deps: Deps): () => Promise<void> {
  return startRepeating({
    every_ms: SWEEP_MS,
    run: () => sweep(deps),
    failed: (error) => deps.log.error({ error: String(error) }, 'could not expire what is overdue'),
  });
}
