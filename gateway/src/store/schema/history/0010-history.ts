/**
 * Tables of what was, to be looked through and counted: derived from the log, or noted on the way; nothing is decided by
 * them. As in the folder above: a file is never edited, only followed; numbers run through all.
 */
import type { Migration } from '../migration.ts';

/**
 * What agents did, one row a call, to be searched and counted. Derived from the log and the payloads by a follower that
 * comes after the fact: nothing is decided by these rows, and they can be thrown away and made again.
 */
export const history: Migration = {
  version: 10,
  name: 'history',
  sql: [
    // `seq` is the leaf index of its first entry: the log's order, and the place pages end at.
    `CREATE TABLE calls (
      seq BIGINT PRIMARY KEY,
      id TEXT NOT NULL,
      at BIGINT NOT NULL,
      agent TEXT NOT NULL,
      subject TEXT NOT NULL,
      owner TEXT,
      team TEXT,
      upstream TEXT NOT NULL,
      env TEXT NOT NULL,
      action TEXT NOT NULL,
      resource TEXT NOT NULL,
      class TEXT,
      risk TEXT,
      decision TEXT NOT NULL CHECK (decision IN ('allowed', 'held', 'denied')),
      outcome TEXT NOT NULL,
      permitted_by TEXT,
      caller_enforced BIGINT NOT NULL,
      reason TEXT,
      rules TEXT NOT NULL,
      reviews TEXT NOT NULL,
      sentence TEXT NOT NULL,
      request_id TEXT,
      granted_by TEXT,
      execution_id TEXT,
      resolved_at BIGINT,
      started_at BIGINT,
      ended_at BIGINT,
      asked_again BIGINT NOT NULL,
      trail TEXT NOT NULL,
      shape TEXT NOT NULL,
      same TEXT NOT NULL
    )`,
    'CREATE UNIQUE INDEX calls_id ON calls (id)',
    'CREATE UNIQUE INDEX calls_request ON calls (request_id) WHERE request_id IS NOT NULL',
    'CREATE UNIQUE INDEX calls_execution ON calls (execution_id) WHERE execution_id IS NOT NULL',
    'CREATE INDEX calls_time ON calls (at, seq)',
    "CREATE INDEX calls_held ON calls (at, seq) WHERE decision = 'held'",
    'CREATE INDEX calls_trail ON calls (trail, seq)',
    "CREATE INDEX calls_same ON calls (same, seq) WHERE same <> ''",
    'CREATE TABLE search_calls (rowid BIGINT PRIMARY KEY, terms TEXT NOT NULL, words TEXT NOT NULL)',

    // What one agent did in one go: a session of the protocol, a trace, or simply one call after the other.
    `CREATE TABLE trails (
      id TEXT NOT NULL PRIMARY KEY,
      bound_by TEXT NOT NULL CHECK (bound_by IN ('session', 'trace', 'time')),
      lookup TEXT NOT NULL,
      agent TEXT NOT NULL,
      subject TEXT NOT NULL,
      owner TEXT,
      first_seq BIGINT NOT NULL,
      last_seq BIGINT NOT NULL,
      started_at BIGINT NOT NULL,
      last_at BIGINT NOT NULL,
      calls BIGINT NOT NULL,
      held BIGINT NOT NULL,
      denied BIGINT NOT NULL,
      failed BIGINT NOT NULL
    )`,
    'CREATE INDEX trails_lookup ON trails (lookup, last_at)',
    'CREATE INDEX trails_last ON trails (last_seq)',
    'CREATE INDEX trails_agent ON trails (agent, last_seq)',

    // Calls of a day (UTC) by agent, deciding rule and decision. A call two rules decided counts under both.
    `CREATE TABLE call_days (
      day BIGINT NOT NULL,
      agent TEXT NOT NULL,
      rule TEXT NOT NULL,
      decision TEXT NOT NULL,
      calls BIGINT NOT NULL,
      PRIMARY KEY (day, agent, rule, decision)
    )`,
    "INSERT INTO meta (name, value) VALUES ('calls_followed', '0')",
  ],
};
