/**
 * Which cards may still stand for others: those of requests that were not heard to be over. Else how many stand at a place would
 * be looked for among all that ever stood there.
 */
import type { Migration } from '../migration.ts';

export const standing: Migration = {
  version: 25,
  name: 'standing',
  sql: [
    'ALTER TABLE cards ADD COLUMN over BIGINT NOT NULL DEFAULT 0',
    "UPDATE cards SET over = 1 WHERE request_id IN (SELECT id FROM requests WHERE status <> 'pending')",
    'CREATE INDEX cards_standing ON cards (channel, place, likeness, because) WHERE over = 0',
    'DROP INDEX cards_likeness',
  ],
};
