import type { Migration } from './migration.ts';

/**
 * What a request's clear text is, so that all of it can be erased: every payload names its request. Those stored before
 * are found by the rows that point to them; a reason nothing points to, by the moment of the entry that seals it.
 */
export const erasure: Migration = {
  version: 2,
  name: 'erasure',
  sql: [
    'ALTER TABLE payloads ADD COLUMN request_id TEXT',
    'ALTER TABLE requests ADD COLUMN erased_at BIGINT',
    'ALTER TABLE requests ADD COLUMN erased_by TEXT',
    'ALTER TABLE requests ADD COLUMN erased_event TEXT',
    'UPDATE payloads SET request_id = r.id FROM requests r WHERE payloads.id = r.payload_id',
    'UPDATE payloads SET request_id = r.id FROM requests r WHERE payloads.id = r.claim_payload_id',
    'UPDATE payloads SET request_id = v.request_id FROM reviews v WHERE payloads.id = v.reason_payload_id',
    'UPDATE payloads SET request_id = e.request_id FROM executions e WHERE payloads.id = e.result_payload_id AND e.request_id IS NOT NULL',
    `UPDATE payloads SET request_id = n.request_id FROM entries n
      WHERE payloads.kind = 'reason' AND payloads.request_id IS NULL AND payloads.created_at = n.occurred_at
        AND n.request_id IS NOT NULL AND n.kind IN ('redaction', 'resolution')`,
    // An allowed call's payload belongs to no request, and pays nothing for this index.
    'CREATE INDEX payloads_request ON payloads (request_id) WHERE request_id IS NOT NULL',
  ],
};
