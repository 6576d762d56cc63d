import type { Migration } from './migration.ts';

/**
 * Broken glass: what one person let through in an emergency, signed as it was, and the review of it afterwards. A row alone
 * lets nothing run: its signature is checked anew before the run (A13). The review stays open until somebody closes it.
 */
export const brokenGlass: Migration = {
  version: 14,
  name: 'broken-glass',
  sql: [
    `CREATE TABLE broken_glass (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT NOT NULL UNIQUE REFERENCES requests (id),
      approval_id TEXT NOT NULL UNIQUE,
      person TEXT NOT NULL,
      terms TEXT NOT NULL,
      reason_payload_id TEXT NOT NULL,
      credential_id TEXT NOT NULL,
      document TEXT NOT NULL,
      client_data TEXT NOT NULL,
      authenticator_data TEXT NOT NULL,
      signature TEXT NOT NULL,
      broken_at BIGINT NOT NULL,
      epoch BIGINT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
      closed_by TEXT,
      closed_at BIGINT,
      verdict TEXT CHECK (verdict IN ('justified', 'not_justified')),
      note_payload_id TEXT,
      CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
      CHECK ((status = 'closed') = (verdict IS NOT NULL))
    )`,
    "CREATE INDEX broken_glass_open ON broken_glass (broken_at, id) WHERE status = 'open'",
    'CREATE INDEX broken_glass_time ON broken_glass (broken_at, id)',
    `CREATE TABLE glass_acknowledged (
      glass_id TEXT NOT NULL REFERENCES broken_glass (id),
      person TEXT NOT NULL,
      acknowledged_at BIGINT NOT NULL,
      PRIMARY KEY (glass_id, person)
    )`,
  ],
};
