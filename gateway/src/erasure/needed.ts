/**
 * When: only when the request is over, and nothing of it can run any more. What an open review, a run, an approval or an
 * answer not yet given still needs is not erased; each guard holds in the transaction that erases.
 */
import type { Step } from '../store/store.ts';

/** Why its text is still needed, by the guard that says so; in the order they are asked. */
export const NEEDED: { readonly [guard: string]: string } = {
  over: 'The request is still pending: answer or cancel it first, then erase it.',
  'none-running': 'The action is running: erase the request when the run has ended.',
  'none-usable': 'Its approval can still be used: revoke it or let it expire, then erase the request.',
  'none-granted':
    'What it granted can still be used: revoke the grant or let it expire, then erase the request.',
  'glass-judged':
    'Its glass was broken, and nobody has judged that yet: what it says is needed for it. Close it first (countersign break-glass), then erase the request.',
  'none-undelivered':
    'The agent has not got the answer of the run, and would ask people to let it run again: erase the request when the approval’s time is over.',
};

export const notNeeded = (request_id: string, now: number): readonly Step[] => [
  {
    name: 'over',
    sql: "SELECT 1 FROM requests WHERE id = $1 AND status <> 'pending'",
    params: [request_id],
    rows: 1,
  },
  {
    name: 'none-running',
    sql: "SELECT 1 FROM executions WHERE request_id = $1 AND status = 'started'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-usable',
    sql: "SELECT 1 FROM approvals WHERE request_id = $1 AND status = 'active'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-granted',
    sql: "SELECT 1 FROM grants WHERE request_id = $1 AND status = 'active'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'glass-judged',
    sql: "SELECT 1 FROM broken_glass WHERE request_id = $1 AND status = 'open'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-undelivered',
    sql: `SELECT 1 FROM executions WHERE request_id = $1 AND status IN ('succeeded', 'failed')
             AND result_payload_id IS NOT NULL AND delivered_at IS NULL AND valid_until > $2`,
    params: [request_id, now],
    rows: 0,
  },
];
