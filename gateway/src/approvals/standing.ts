/**
 * What already stands for an identical call of the same requester: an answer it never got, an approval not yet used,
 * a denial still fresh, an open request. One read; whoever acts on it commits under guards, so a stale read loses.
 */
import type { Row, Store } from '../store/store.ts';

export type Standing =
  | { readonly kind: 'none' }
  | { readonly kind: 'undelivered'; readonly execution_id: string; readonly body: string }
  | { readonly kind: 'running'; readonly execution_id: string }
  | { readonly kind: 'approval'; readonly approval_id: string; readonly request_id: string }
  /** An approval with uses left, one of which may have run: the next would be that run again (I9). */
  | { readonly kind: 'unknown'; readonly approval_id: string; readonly request_id: string }
  | { readonly kind: 'denied'; readonly request_id: string }
  | { readonly kind: 'pending'; readonly request_id: string };

/** In the order they answer: what ran comes before what may run, and a person's no before asking again. */
const FIND = `
  SELECT 1 AS rank, 'running' AS kind, e.id AS id, e.request_id AS request_id, NULL AS body, e.started_at AS at
    FROM executions e WHERE e.match_key = $1 AND e.status = 'started'
  UNION ALL
  SELECT 2, 'undelivered', e.id, e.request_id, p.body, e.started_at
    FROM executions e JOIN payloads p ON p.id = e.result_payload_id AND p.erased_at IS NULL
    WHERE e.match_key = $1 AND e.status IN ('succeeded', 'failed') AND e.delivered_at IS NULL AND e.valid_until > $2
  UNION ALL
  SELECT 3, CASE WHEN EXISTS (SELECT 1 FROM executions x WHERE x.match_key = $1 AND x.approval_id = a.id AND x.status = 'unknown')
                 THEN 'unknown' ELSE 'approval' END, a.id, a.request_id, NULL, a.approved_at
    FROM approvals a WHERE a.match_key = $1 AND a.status = 'active' AND a.approved_until > $2 AND a.uses_left > 0
  UNION ALL
  SELECT 4, 'pending', r.id, r.id, NULL, r.opened_at
    FROM requests r WHERE r.match_key = $1 AND r.status = 'pending' AND r.expires_at > $2
  UNION ALL
  SELECT 5, 'denied', r.id, r.id, NULL, r.resolved_at
    FROM requests r WHERE r.match_key = $1 AND r.status = 'denied' AND r.expires_at > $2
  ORDER BY 1, 6 DESC LIMIT 1`;

export async function findStanding(store: Store, match_key: string, now: number): Promise<Standing> {
  const [row] = await store.read({ sql: FIND, params: [match_key, now] });
  return row === undefined ? { kind: 'none' } : asStanding(row);
}

function asStanding(row: Row): Standing {
  const id = String(row['id']);
  const request_id = String(row['request_id']);
  switch (row['kind']) {
    case 'running':
      return { kind: 'running', execution_id: id };
    case 'undelivered':
      return { kind: 'undelivered', execution_id: id, body: String(row['body']) };
    case 'approval':
    case 'unknown':
      return { kind: row['kind'], approval_id: id, request_id };
    case 'denied':
      return { kind: 'denied', request_id };
    default:
      return { kind: 'pending', request_id };
  }
}
