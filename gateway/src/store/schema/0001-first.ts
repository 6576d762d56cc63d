/**
 * The store's tables, one file a version, in one portable SQL text: TEXT and BIGINT columns, canonical JSON as text,
 * unix milliseconds. A committed file is never edited: stores out there remember its digest and refuse to open. What
 * changes is added in the next file.
 */
import type { Migration } from './migration.ts';

/** Everything one gateway must remember: cases, votes, approvals, runs, erasable payloads, and the log (I10). */
export const first: Migration = {
  version: 1,
  name: 'first',
  sql: [
    'CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)',

    // One row. Any change to policy, people, agents, pins, upstreams or keys raises it; permits are guarded on it (I8).
    'CREATE TABLE authority (id BIGINT PRIMARY KEY CHECK (id = 1), epoch BIGINT NOT NULL)',
    'INSERT INTO authority (id, epoch) VALUES (1, 1)',

    `CREATE TABLE requests (
      id TEXT NOT NULL PRIMARY KEY,
      tenant TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'denied', 'expired', 'cancelled', 'failed')),
      match_key TEXT NOT NULL,
      action_digest TEXT NOT NULL,
      agent TEXT NOT NULL,
      subject TEXT NOT NULL,
      owner TEXT,
      team TEXT,
      upstream TEXT NOT NULL,
      env TEXT NOT NULL,
      action_name TEXT NOT NULL,
      resource TEXT NOT NULL,
      risk TEXT NOT NULL,
      principal TEXT NOT NULL,
      requirement TEXT NOT NULL,
      explanation TEXT NOT NULL,
      evaluation_id TEXT NOT NULL,
      payload_id TEXT NOT NULL,
      claim_payload_id TEXT,
      policy_digest TEXT NOT NULL,
      opened_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      resolved_at BIGINT,
      resolution TEXT,
      approval_id TEXT,
      CHECK ((status = 'pending') = (resolved_at IS NULL))
    )`,
    // Identical open requests coalesce: the second INSERT finds the first (A19).
    "CREATE UNIQUE INDEX requests_open ON requests (match_key) WHERE status = 'pending'",
    "CREATE INDEX requests_due ON requests (expires_at) WHERE status = 'pending'",
    'CREATE INDEX requests_match ON requests (match_key, opened_at)',
    'CREATE INDEX requests_agent ON requests (agent, opened_at)',
    'CREATE INDEX requests_time ON requests (opened_at, id)',

    `CREATE TABLE reviews (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT NOT NULL REFERENCES requests (id),
      reviewer TEXT NOT NULL,
      decision TEXT NOT NULL CHECK (decision IN ('approved', 'denied')),
      proof TEXT NOT NULL,
      reason_payload_id TEXT,
      channel TEXT NOT NULL,
      reviewed_at BIGINT NOT NULL,
      UNIQUE (request_id, reviewer)
    )`,

    `CREATE TABLE approvals (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT NOT NULL REFERENCES requests (id),
      match_key TEXT NOT NULL,
      action_digest TEXT NOT NULL,
      agent TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('active', 'used', 'expired', 'revoked')),
      approved_at BIGINT NOT NULL,
      approved_until BIGINT NOT NULL,
      uses_left BIGINT NOT NULL CHECK (uses_left >= 0),
      policy_digest TEXT NOT NULL,
      revoked_by TEXT,
      revoked_at BIGINT,
      CHECK (status <> 'active' OR uses_left > 0)
    )`,
    "CREATE INDEX approvals_live ON approvals (match_key) WHERE status = 'active'",
    "CREATE INDEX approvals_due ON approvals (approved_until) WHERE status = 'active'",
    'CREATE INDEX approvals_request ON approvals (request_id)',
    'CREATE INDEX approvals_time ON approvals (approved_at, id)',

    // One row a permit, so few indexes: each is a page more to write before the upstream may hear anything (I2).
    `CREATE TABLE executions (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT,
      approval_id TEXT,
      evaluation_id TEXT NOT NULL,
      agent TEXT NOT NULL,
      upstream TEXT NOT NULL,
      action_digest TEXT NOT NULL,
      match_key TEXT,
      status TEXT NOT NULL CHECK (status IN ('started', 'succeeded', 'failed', 'unknown')),
      started_at BIGINT NOT NULL,
      ended_at BIGINT,
      result_payload_id TEXT,
      delivered_at BIGINT,
      valid_until BIGINT
    )`,
    "CREATE INDEX executions_running ON executions (started_at) WHERE status = 'started'",
    'CREATE INDEX executions_request ON executions (request_id) WHERE request_id IS NOT NULL',
    'CREATE INDEX executions_match ON executions (match_key, started_at) WHERE match_key IS NOT NULL',

    // The only place with clear text of arguments, reasons and results. Erasing nulls salt and body; the log keeps its commitments.
    `CREATE TABLE payloads (
      id TEXT NOT NULL PRIMARY KEY,
      kind TEXT NOT NULL,
      salt TEXT,
      body TEXT,
      created_at BIGINT NOT NULL,
      erased_at BIGINT,
      CHECK ((erased_at IS NULL) = (body IS NOT NULL))
    )`,

    `CREATE TABLE entries (
      leaf_index BIGINT PRIMARY KEY,
      event_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      occurred_at BIGINT NOT NULL,
      envelope TEXT NOT NULL,
      leaf TEXT NOT NULL,
      request_id TEXT,
      execution_id TEXT,
      agent TEXT,
      reviewer TEXT,
      action TEXT,
      resource TEXT,
      upstream TEXT,
      rules TEXT
    )`,
    'CREATE UNIQUE INDEX entries_event ON entries (event_id)',
    'CREATE INDEX entries_time ON entries (occurred_at)',
    'CREATE INDEX entries_request ON entries (request_id, leaf_index) WHERE request_id IS NOT NULL',
    'CREATE INDEX entries_reviewer ON entries (reviewer, leaf_index) WHERE reviewer IS NOT NULL',
    // Look-up by agent, action, resource, upstream, rule and kind. Derived, and filled behind the log's back: five more indexes
    // on the table itself would double the pages a permit writes before it is durable.
    'CREATE TABLE entry_terms (term TEXT NOT NULL, value TEXT NOT NULL, leaf_index BIGINT NOT NULL, PRIMARY KEY (term, value, leaf_index))',
    "INSERT INTO meta (name, value) VALUES ('entries_indexed', '0')",

    // What was signed, by size: the compare-and-set that makes a second root for one size impossible (A24).
    'CREATE TABLE checkpoints (size BIGINT PRIMARY KEY, note TEXT NOT NULL, signed_at BIGINT NOT NULL)',

    `CREATE TABLE idempotency (
      principal TEXT NOT NULL,
      key TEXT NOT NULL,
      body_hash TEXT NOT NULL,
      status BIGINT,
      response TEXT,
      created_at BIGINT NOT NULL,
      PRIMARY KEY (principal, key)
    )`,
    'CREATE INDEX idempotency_age ON idempotency (created_at)',

    `CREATE TABLE sessions (
      token_hash TEXT NOT NULL PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('browser', 'cli')),
      person TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      last_seen_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      revoked_at BIGINT
    )`,
    'CREATE INDEX sessions_person ON sessions (person)',
    `CREATE TABLE sign_in_codes (
      code_hash TEXT NOT NULL PRIMARY KEY,
      person TEXT NOT NULL,
      expires_at BIGINT NOT NULL,
      consumed_at BIGINT
    )`,

    `CREATE TABLE tool_pins (
      upstream TEXT NOT NULL,
      tool TEXT NOT NULL,
      pin TEXT NOT NULL,
      definition TEXT NOT NULL,
      class TEXT,
      status TEXT NOT NULL CHECK (status IN ('quarantined', 'accepted', 'superseded')),
      seen_at BIGINT NOT NULL,
      accepted_by TEXT,
      accepted_at BIGINT,
      PRIMARY KEY (upstream, tool, pin)
    )`,
    `CREATE TABLE policies (
      digest TEXT NOT NULL PRIMARY KEY,
      version TEXT NOT NULL,
      body TEXT NOT NULL,
      loaded_at BIGINT NOT NULL
    )`,
  ],
};
