import type { Migration } from '../migration.ts';

/**
 * Accounts people agreed are somebody's, beside those providers made known. A link is never deleted: unlinked, it still
 * says who was one human with whom when something was asked (I4, A13).
 */
export const accountLinks: Migration = {
  version: 12,
  name: 'account-links',
  sql: [
    `CREATE TABLE account_links (
      id TEXT NOT NULL PRIMARY KEY,
      account TEXT NOT NULL,
      person TEXT NOT NULL,
      linked_at BIGINT NOT NULL,
      linked_by TEXT NOT NULL,
      unlinked_at BIGINT,
      unlinked_by TEXT,
      CHECK ((unlinked_at IS NULL) = (unlinked_by IS NULL))
    )`,
    // An account belongs to one person, whatever two changes at once believe.
    'CREATE UNIQUE INDEX account_links_live ON account_links (account) WHERE unlinked_at IS NULL',
  ],
};
