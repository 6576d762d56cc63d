import type { Migration } from './migration.ts';

/** Policies people proposed, by the digest of their files, until they are made or outdated: what was agreed to names one. */
export const policyDrafts: Migration = {
  version: 16,
  name: 'policy-drafts',
  sql: [
    'CREATE TABLE policy_drafts (digest TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, proposed_by TEXT NOT NULL, proposed_at BIGINT NOT NULL)',
  ],
};
