/** Sessions whose time is up end on the record; what is over is deleted: codes, sign-ins begun, sessions ended long ago. */
import type { Step } from '../store/store.ts';
import type { SessionKind, SessionsDeps } from './session.ts';
import { sessionEvent } from './sign-in.ts';

const BATCH_ROWS = 200;
/** An ended session is kept for a while: somebody may look why it ended. */
const ENDED_KEPT_MS = 86_400_000;
/** So that whoever comes back late is told that, and not that they never began. */
const FLOWS_KEPT_MS = 3_600_000;

/** Returns how many sessions ended. */
export async function sweepSessions(deps: SessionsDeps): Promise<number> {
  const at = deps.now();
  const { browser, cli } = deps.limits;
  const due = await deps.store.read({
    sql: `SELECT token_hash, kind, person FROM sessions WHERE revoked_at IS NULL AND (expires_at <= $1 OR recheck_by <= $1
        OR (kind = 'browser' AND last_seen_at <= $2) OR (kind = 'cli' AND last_seen_at <= $3)) LIMIT ${BATCH_ROWS}`,
    params: [at, at - browser.idle_ms, at - cli.idle_ms],
  });
  const ended = await Promise.all(
    due.map(async (row) => {
      const id = String(row['token_hash']);
      const session = { id, kind: row['kind'] as SessionKind, person: { id: String(row['person']) } };
      const event = sessionEvent(deps, session, { change: 'session expired' });
      const sql =
        'UPDATE sessions SET revoked_at = $2, provider_tokens = NULL WHERE token_hash = $1 AND revoked_at IS NULL';
      const steps: Step[] = [{ name: 'expire', sql, params: [id, at], rows: 1 }];
      const outcome = await deps.store.commit({
        name: 'session-expired',
        steps,
        entries: [event.entry],
        unhurried: true,
      });
      if (outcome.ok) event.committed();
      return outcome.ok;
    }),
  );
  await deleteOver(deps, at);
  return ended.filter(Boolean).length;
}

/** Nothing is committed, and no page written, when nothing is over. */
async function deleteOver({ store }: SessionsDeps, at: number): Promise<void> {
  const over: readonly [table: string, column: string, before: number][] = [
    ['sign_in_codes', 'expires_at', at],
    ['sign_in_flows', 'expires_at', at - FLOWS_KEPT_MS],
    ['sessions', 'revoked_at', at - ENDED_KEPT_MS],
  ];
  for (const [table, column, before] of over) {
    const [found] = await store.read({
      sql: `SELECT 1 FROM ${table} WHERE ${column} <= $1 LIMIT 1`,
      params: [before],
    });
    if (found === undefined) continue;
    const sql = `DELETE FROM ${table} WHERE ${column} <= $1`;
    const steps: Step[] = [{ name: 'over', sql, params: [before], rows: 'any' }];
    await store.commit({ name: `delete-${table}`, steps, entries: [], unhurried: true });
  }
}
