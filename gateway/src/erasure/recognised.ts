/**
 * By what it would be recognised: the rows that carry the matching key, and the answers kept for retries of the agent and of
 * everybody who acted on the request. Such a retry is answered anew: each of these changes happens once whatever is kept.
 */
import { callerName } from '../identity/caller.ts';
import { ticketSystemName } from '../identity/ticketing.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';

export const forgetRecognised = ({ request }: StoredRequest): readonly Step[] => [
  ...OF_ITS_OWN.map(([name, sql]): Step => ({ name, sql, params: [request.id], rows: 'any' })),
  {
    // With each stands a digest of what was sent: of a ticket system's comment too, which is no reviewer's.
    name: 'forget-answers',
    sql: `DELETE FROM idempotency WHERE status IS NOT NULL AND (principal = $2 OR principal IN
            (SELECT 'person:' || reviewer FROM entries WHERE request_id = $1 AND reviewer IS NOT NULL
             UNION ALL SELECT $3 || system FROM ticket_acts WHERE request_id = $1))`,
    params: [request.id, `agent:${callerName(request.principal)}`, ticketSystemName('')],
    rows: 'any',
  },
];

/** Rows of the request itself. */
const OF_ITS_OWN = [
  ['forget-approvals', "UPDATE approvals SET match_key = '' WHERE request_id = $1"],
  ['forget-grants', "UPDATE grants SET class_key = '' WHERE request_id = $1"],
  ['forget-executions', 'UPDATE executions SET match_key = NULL WHERE request_id = $1'],
  // What opens the commitments of a document that a key was asked to sign and never did.
  ['forget-challenges', 'DELETE FROM passkey_challenges WHERE request_id = $1'],
] as const;
