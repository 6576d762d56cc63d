/**
 * At start: what an earlier process began and did not end may have run. It is recorded as `unknown`, is never run
 * again by itself, and a person sees it (I9, A22). The normal path of ending does the work; a crash in the middle
 * leaves the rest for the next start.
 */
import type { About } from '../audit/facts/about.ts';
import type { Deps } from '../deps.ts';
import type { Row } from '../store/store.ts';

const BATCH_ROWS = 500;

/** Returns how many executions became `unknown`. */
export async function recoverExecutions(deps: Deps): Promise<number> {
  let recovered = 0;
  for (;;) {
    const rows = await deps.store.read({
      sql: `SELECT x.id AS id, x.request_id AS request_id, x.evaluation_id AS evaluation_id, x.agent AS agent, x.upstream AS upstream,
                   x.action_digest AS action_digest, x.started_at AS started_at, n.event_id AS event_id, n.action AS action, n.resource AS resource,
                   b.id AS broken_glass
              FROM executions x JOIN entries n ON n.execution_id = x.id LEFT JOIN broken_glass b ON b.request_id = x.request_id
             WHERE x.status = 'started' ORDER BY x.started_at, n.leaf_index LIMIT ${BATCH_ROWS}`,
      params: [],
    });
    const ended = await Promise.all(rows.map((row) => recordUnknown(deps, row)));
    recovered += ended.filter(Boolean).length;
    if (!ended.some(Boolean)) return recovered;
  }
}

async function recordUnknown(deps: Deps, row: Row): Promise<boolean> {
  const now = deps.now();
  const id = String(row['id']);
  const agent = String(row['agent']);
  const about: About = {
    principal: { tenant: '', agent, owner: null, team: null, subject: { type: 'agent', id: agent } },
    upstream: String(row['upstream']),
    env: '',
    action: String(row['action']),
    resource: String(row['resource']),
    action_digest: String(row['action_digest']),
    evaluation_id: String(row['evaluation_id']),
  };
  const event = deps.events.executionEnded(about, {
    at: now,
    took_ms: now - Number(row['started_at']),
    execution_id: id,
    started_event: String(row['event_id']),
    status: 'unknown',
    cause: 'the gateway stopped before the outcome was recorded',
    ...(row['request_id'] === null ? {} : { request_id: String(row['request_id']) }),
    ...(row['broken_glass'] === null ? {} : { broken_glass: String(row['broken_glass']) }),
  });
  const outcome = await deps.store.commit({
    name: 'recover',
    steps: [
      {
        name: 'unknown',
        sql: "UPDATE executions SET status = 'unknown', ended_at = $2 WHERE id = $1 AND status = 'started'",
        params: [id, now],
        rows: 1,
      },
    ],
    entries: [event.entry],
  });
  if (outcome.ok) event.committed();
  return outcome.ok;
}
