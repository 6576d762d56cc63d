import type { Migration } from '../migration.ts';

/**
 * Who was taken out, and under which epoch of the authority they last were. A review is cast under an epoch too: one from
 * before counts no more, though whoever cast it be put back (A10). Of reviews older than this the epoch is not known; it
 * was before any that is.
 */
export const left: Migration = {
  version: 13,
  name: 'left',
  sql: [
    'CREATE TABLE people_left (person TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL)',
    'ALTER TABLE reviews ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0',
  ],
};
