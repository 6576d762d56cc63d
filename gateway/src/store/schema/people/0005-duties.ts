import type { Migration } from '../migration.ts';

/**
 * Who sits in for whom, and who last changed what decides. A delegation is never deleted: it ends by itself or is
 * revoked. Of changes only the newest of each person and tool counts, so there are never more rows than that.
 */
export const duties: Migration = {
  version: 5,
  name: 'duties',
  sql: [
    `CREATE TABLE delegations (
      id TEXT NOT NULL PRIMARY KEY,
      from_person TEXT NOT NULL,
      to_person TEXT NOT NULL,
      starts_at BIGINT NOT NULL,
      ends_at BIGINT NOT NULL,
      given_at BIGINT NOT NULL,
      revoked_at BIGINT,
      revoked_by TEXT,
      CHECK (from_person <> to_person),
      CHECK (starts_at < ends_at)
    )`,
    'CREATE INDEX delegations_live ON delegations (ends_at) WHERE revoked_at IS NULL',
    'CREATE INDEX delegations_time ON delegations (given_at, id)',
    // Upstream and resource are empty for a change that bears on every action.
    'CREATE TABLE rule_changes (person TEXT NOT NULL, upstream TEXT NOT NULL, resource TEXT NOT NULL, changed_at BIGINT NOT NULL, PRIMARY KEY (person, upstream, resource))',
  ],
};
