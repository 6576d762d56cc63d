import type { Migration } from '../migration.ts';

/**
 * Who was shown which request, and when first: beside the time of their answer it says whether there was time to read it.
 * What people look for again and again. And indexes for lists of many requests, whatever they are filtered by.
 */
export const looking: Migration = {
  version: 15,
  name: 'looking',
  sql: [
    // `characters`: how much there was to read.
    `CREATE TABLE request_views (
      request_id TEXT NOT NULL,
      person TEXT NOT NULL,
      shown_at BIGINT NOT NULL,
      characters BIGINT NOT NULL,
      PRIMARY KEY (request_id, person)
    )`,
    'CREATE INDEX reviews_time ON reviews (reviewed_at)',
    'CREATE INDEX requests_status ON requests (status, opened_at, id)',
    'CREATE INDEX requests_upstream ON requests (upstream, opened_at, id)',
    `CREATE TABLE saved_searches (
      id TEXT NOT NULL PRIMARY KEY,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      query TEXT NOT NULL,
      saved_at BIGINT NOT NULL,
      UNIQUE (person, name)
    )`,
  ],
};
