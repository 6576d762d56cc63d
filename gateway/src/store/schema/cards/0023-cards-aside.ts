/**
 * Requests no card can be made for, until one can: so that all others are shown, and none is forgotten. A row is no
 * authority, and names a request that may itself not be readable.
 */
import type { Migration } from '../migration.ts';

export const cardsAside: Migration = {
  version: 23,
  name: 'cards-aside',
  sql: [
    `CREATE TABLE cards_aside (
      request_id TEXT NOT NULL PRIMARY KEY,
      since BIGINT NOT NULL,
      attempts BIGINT NOT NULL,
      next_at BIGINT NOT NULL
    )`,
    'CREATE INDEX cards_aside_due ON cards_aside (next_at)',
    // What is due, without a look at all that will be.
    "CREATE INDEX cards_ripe ON cards (channel, next_at) WHERE state = 'live' AND shown < wanted",
    'DROP INDEX cards_due',
    // Those another stands for, by which it is: looked up whenever a request ends.
    "CREATE INDEX cards_folded ON cards (channel, place, likeness, because) WHERE state = 'live' AND folded = 1",
  ],
};
