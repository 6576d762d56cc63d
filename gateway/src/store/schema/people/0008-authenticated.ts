import type { Migration } from '../migration.ts';

/**
 * When somebody last showed who they are, where that is not when their session began: a provider may let a browser in
 * that it still knows from this morning. NULL for a session of a provider that does not say.
 */
export const authenticated: Migration = {
  version: 8,
  name: 'authenticated',
  sql: [
    'ALTER TABLE sessions ADD COLUMN authenticated_at BIGINT',
    'UPDATE sessions SET authenticated_at = created_at WHERE provider IS NULL',
  ],
};
