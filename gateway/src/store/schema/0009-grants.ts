import type { Migration } from './migration.ts';

/**
 * Standing grants, and what each reviewer offered toward one. A grant is found by the keyed digest of the class it covers;
 * its uses are counted down by compare-and-swap where the run begins (I3).
 */
export const grants: Migration = {
  version: 9,
  name: 'grants',
  sql: [
    'CREATE TABLE review_grants (review_id TEXT NOT NULL PRIMARY KEY, lasts_ms BIGINT NOT NULL, uses BIGINT NOT NULL)',
    `CREATE TABLE grants (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT NOT NULL UNIQUE REFERENCES requests (id),
      class_key TEXT NOT NULL,
      agent TEXT NOT NULL,
      upstream TEXT NOT NULL,
      action_name TEXT NOT NULL,
      resource TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('active', 'used', 'expired', 'revoked')),
      given_at BIGINT NOT NULL,
      given_until BIGINT NOT NULL,
      uses_given BIGINT NOT NULL,
      uses_left BIGINT NOT NULL CHECK (uses_left >= 0),
      revoked_by TEXT,
      revoked_at BIGINT,
      CHECK (status <> 'active' OR uses_left > 0)
    )`,
    "CREATE INDEX grants_live ON grants (class_key) WHERE status = 'active'",
    "CREATE INDEX grants_due ON grants (given_until) WHERE status = 'active'",
    'CREATE INDEX grants_time ON grants (given_at, id)',
  ],
};
