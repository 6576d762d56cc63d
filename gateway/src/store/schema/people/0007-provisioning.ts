import type { Migration } from '../migration.ts';

/**
 * Users and groups as identity providers push them over SCIM. A user deleted there stays, as `gone`: their person must not
 * come back by another way in, and is known again if they do. The person is in `people`, the account in `accounts`.
 */
export const provisioning: Migration = {
  version: 7,
  name: 'provisioning',
  sql: [
    `CREATE TABLE scim_users (
      id TEXT NOT NULL PRIMARY KEY,
      provider TEXT NOT NULL,
      person TEXT NOT NULL,
      external_id TEXT,
      user_name TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('active', 'inactive', 'gone')),
      profile TEXT NOT NULL,
      version BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL
    )`,
    `CREATE TABLE scim_groups (
      id TEXT NOT NULL PRIMARY KEY,
      provider TEXT NOT NULL,
      external_id TEXT,
      display_name TEXT NOT NULL,
      version BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL
    )`,
    'CREATE TABLE scim_members (group_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (group_id, user_id))',
  ],
};
