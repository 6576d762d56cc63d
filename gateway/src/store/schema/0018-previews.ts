import type { Migration } from './migration.ts';

/**
 * Previews: reads the gateway made itself, to show people what a held action would change. A row is there before the
 * first byte of it (I2), and says how it ended. What was read stands in the payloads of its request, and goes with them.
 */
export const previews: Migration = {
  version: 18,
  name: 'previews',
  sql: [
    `CREATE TABLE previews (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT NOT NULL REFERENCES requests (id),
      round BIGINT NOT NULL,
      asked_by TEXT,
      tool TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('started', 'shown', 'failed', 'unknown')),
      why TEXT,
      payload_id TEXT,
      started_at BIGINT NOT NULL,
      ended_at BIGINT,
      started_event TEXT NOT NULL,
      ended_event TEXT,
      UNIQUE (request_id, round),
      CHECK ((status = 'started') = (ended_at IS NULL))
    )`,
    "CREATE INDEX previews_started ON previews (started_at) WHERE status = 'started'",
  ],
};
