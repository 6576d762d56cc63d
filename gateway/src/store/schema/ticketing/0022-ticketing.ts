/** Tables of ticket systems. As everywhere in the schema: a migration is never edited, only followed. */
import type { Migration } from '../migration.ts';

/**
 * What ticket systems did, a row each: limits by the hour are counted by it. What one was handed whole of which action; and
 * questions to people it hands over, good once. What they worded stands in payloads, and goes with the request.
 */
export const ticketing: Migration = {
  version: 22,
  name: 'ticketing',
  sql: [
    `CREATE TABLE ticket_acts (
      id TEXT NOT NULL PRIMARY KEY,
      system TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('comment', 'denial', 'late', 'relay', 'over')),
      request_id TEXT REFERENCES requests (id),
      payload_id TEXT,
      event_id TEXT,
      at BIGINT NOT NULL
    )`,
    'CREATE INDEX ticket_acts_system ON ticket_acts (system, at)',
    'CREATE INDEX ticket_acts_request ON ticket_acts (request_id, at) WHERE request_id IS NOT NULL',

    `CREATE TABLE ticket_shown (
      system TEXT NOT NULL,
      request_id TEXT NOT NULL REFERENCES requests (id),
      rendered_digest TEXT NOT NULL,
      shown_at BIGINT NOT NULL,
      PRIMARY KEY (system, request_id, rendered_digest)
    )`,
    'CREATE INDEX ticket_shown_request ON ticket_shown (request_id)',

    // The challenge is what an ID token must carry as its nonce: the digest of exactly this answer.
    `CREATE TABLE ticket_challenges (
      challenge TEXT NOT NULL PRIMARY KEY,
      system TEXT NOT NULL,
      request_id TEXT NOT NULL REFERENCES requests (id),
      person TEXT NOT NULL,
      account TEXT NOT NULL,
      document TEXT NOT NULL,
      salts TEXT NOT NULL,
      made_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX ticket_challenges_due ON ticket_challenges (expires_at)',
  ],
};
