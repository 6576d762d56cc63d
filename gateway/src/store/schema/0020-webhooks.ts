import type { Migration } from './migration.ts';

/** Notices that wait to be posted, and where agents asked to be called back. Derived from the log, but for how delivery stands. */
export const webhooks: Migration = {
  version: 20,
  name: 'webhooks',
  sql: [
    `CREATE TABLE webhook_deliveries (
      endpoint TEXT NOT NULL,
      leaf_index BIGINT NOT NULL,
      subject TEXT NOT NULL,
      type TEXT NOT NULL,
      event_id TEXT NOT NULL,
      made_at BIGINT NOT NULL,
      next_at BIGINT NOT NULL,
      attempts BIGINT NOT NULL,
      leased_until BIGINT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
      trouble TEXT,
      PRIMARY KEY (endpoint, leaf_index)
    )`,
    'CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, endpoint, next_at)',
    // What came before, of the same subject: told in order.
    'CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint, subject, state, leaf_index)',
    `CREATE TABLE webhook_endpoints (
      endpoint TEXT NOT NULL PRIMARY KEY,
      delivered BIGINT NOT NULL,
      last_delivered_at BIGINT,
      failing_since BIGINT,
      trouble TEXT,
      gone_at BIGINT
    )`,
    `CREATE TABLE webhook_callbacks (
      request_id TEXT NOT NULL PRIMARY KEY,
      agent TEXT NOT NULL,
      url TEXT NOT NULL,
      state TEXT,
      events TEXT,
      made_at BIGINT NOT NULL
    )`,
    'CREATE INDEX webhook_callbacks_agent ON webhook_callbacks (agent)',
  ],
};
