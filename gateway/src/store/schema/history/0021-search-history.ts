import type { Migration } from '../migration.ts';

/**
 * The words calls are found by, once more: a store made by an older build has them in a table without an index of what
 * words begin with, which no statement can give it. They are moved while everything goes on; `index_moved` says how far.
 */
export const searchHistory: Migration = {
  version: 21,
  name: 'search-history',
  sql: [
    'CREATE TABLE search_history (rowid BIGINT PRIMARY KEY, terms TEXT NOT NULL, words TEXT NOT NULL)',
    "INSERT INTO meta (name, value) SELECT 'index_until', COALESCE(MAX(seq), -1) FROM calls",
    "INSERT INTO meta (name, value) SELECT 'index_moved', CASE WHEN COUNT(*) = 0 THEN 'done' ELSE '-1' END FROM calls",
  ],
};
