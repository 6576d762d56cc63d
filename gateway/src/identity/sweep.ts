/** Sessions whose time is up end on the record; what is over is deleted: codes, sign-ins begun, sessions ended long ago. */
import type { Row, Step } from '../store/store.ts';
import type { SessionKind, SessionsDeps } from './session.ts';
import { sessionEvent, type Told } from './sign-in.ts';

const BATCH_ROWS = 200;
const PEOPLE_ROWS = 10_000;
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
  const ended = await Promise.all(due.map((row) => end(deps, row, { change: 'session expired' })));
  await deleteOver(deps, at);
  return ended.filter(Boolean).length;
}

/**
 * Sessions of people who are not active end for good. Whoever makes somebody inactive does so in one transaction with it;
 * this finds those whose configuration changed while no gateway ran, so that being active again revives nothing.
 */
export async function endInactive(deps: SessionsDeps): Promise<number> {
  const signed_in = await deps.store.read({
    sql: `SELECT person FROM sessions WHERE revoked_at IS NULL GROUP BY person LIMIT ${PEOPLE_ROWS}`,
    params: [],
  });
  const out = signed_in.filter(({ person }) => deps.directory().person(String(person))?.active !== true);
  let ended = 0;
  for (const { person } of out) {
    const rows = await deps.store.read({
      sql: `SELECT token_hash, kind, person FROM sessions WHERE person = $1 AND revoked_at IS NULL LIMIT ${BATCH_ROWS}`,
      params: [String(person)],
    });
    const done = await Promise.all(
      rows.map((row) => end(deps, row, { change: 'session ended', why: 'inactive' })),
    );
    ended += done.filter(Boolean).length;
  }
  return ended;
}

async function end(deps: SessionsDeps, row: Row, told: Told): Promise<boolean> {
  const id = String(row['token_hash']);
  const session = { id, kind: row['kind'] as SessionKind, person: { id: String(row['person']) } };
  const event = sessionEvent(deps, session, told);
  const sql =
    'UPDATE sessions SET revoked_at = $2, provider_tokens = NULL WHERE token_hash = $1 AND revoked_at IS NULL';
  const steps: Step[] = [{ name: 'end', sql, params: [id, deps.now()], rows: 1 }];
  const outcome = await deps.store.commit({
    name: 'session-expired',
    steps,
    entries: [event.entry],
    unhurried: true,
  });
  if (outcome.ok) event.committed();
  return outcome.ok;
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
