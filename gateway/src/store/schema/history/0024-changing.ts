import type { Migration } from '../migration.ts';

/**
 * How a call went, on what, and who answered changes after the fact, and stood among the words it is found by: taking one out
 * of those rewrites all that the call is found by. These columns and this table are looked in instead.
 */
export const changing: Migration = {
  version: 24,
  name: 'changing',
  sql: [
    'CREATE INDEX calls_outcome ON calls (outcome, seq)',
    'CREATE INDEX calls_permitted ON calls (permitted_by, seq) WHERE permitted_by IS NOT NULL',
    // Derived like calls: thrown away and made again with them.
    `CREATE TABLE call_reviewers (
      reviewer TEXT NOT NULL,
      seq BIGINT NOT NULL,
      PRIMARY KEY (reviewer, seq)
    )`,
    'CREATE INDEX call_reviewers_seq ON call_reviewers (seq)',
    `INSERT INTO call_reviewers (reviewer, seq)
      SELECT DISTINCT r.reviewer, c.seq FROM calls c JOIN reviews r ON r.request_id = c.request_id`,
  ],
};
