/**
 * Tables of who is who: people, their accounts and keys, who sits in for whom, who is out. As in the folder above: a file
 * is never edited, only followed; numbers run through both.
 */
import type { Migration } from '../migration.ts';

/**
 * People a provider made known, beside those in the configuration, and how people sign in there. A membership is what a
 * provider last said of one account; the configuration says what that means, whenever the directory is made. Nobody is
 * ever deleted here: the log and old requests name them (I4).
 */
export const people: Migration = {
  version: 3,
  name: 'people',
  sql: [
    `CREATE TABLE people (
      id TEXT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      email TEXT,
      active BIGINT NOT NULL CHECK (active IN (0, 1)),
      roles TEXT NOT NULL,
      source TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL
    )`,
    // An account belongs to one person; the key says so whatever two sign-ins at once believe.
    'CREATE TABLE accounts (account TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, source TEXT NOT NULL, linked_at BIGINT NOT NULL)',
    'CREATE INDEX accounts_person ON accounts (person)',
    'CREATE TABLE memberships (account TEXT NOT NULL, group_name TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (account, group_name))',

    // A sign-in under way at a provider: known by the hash of a cookie, from which state, nonce and verifier are derived.
    `CREATE TABLE sign_in_flows (
      flow_hash TEXT NOT NULL PRIMARY KEY,
      provider TEXT NOT NULL,
      return_to TEXT NOT NULL,
      loopback TEXT,
      expires_at BIGINT NOT NULL,
      consumed_at BIGINT
    )`,
    'CREATE INDEX sign_in_flows_due ON sign_in_flows (expires_at)',

    // What a provider gave with the session, sealed with a key that is not in the store; when to ask there again, and by when.
    'ALTER TABLE sessions ADD COLUMN provider TEXT',
    'ALTER TABLE sessions ADD COLUMN account TEXT',
    'ALTER TABLE sessions ADD COLUMN provider_tokens TEXT',
    'ALTER TABLE sessions ADD COLUMN recheck_at BIGINT',
    'ALTER TABLE sessions ADD COLUMN recheck_by BIGINT',
    'CREATE INDEX sessions_recheck ON sessions (recheck_at) WHERE recheck_at IS NOT NULL AND revoked_at IS NULL',
    'CREATE INDEX sessions_due ON sessions (expires_at)',
    // A code for a command line is of use only to who knows what the challenge is the hash of (RFC 7636).
    'ALTER TABLE sign_in_codes ADD COLUMN challenge TEXT',
    'ALTER TABLE sign_in_codes ADD COLUMN provider TEXT',
    'ALTER TABLE sign_in_codes ADD COLUMN account TEXT',
    'ALTER TABLE sign_in_codes ADD COLUMN provider_tokens TEXT',
    'CREATE INDEX sign_in_codes_due ON sign_in_codes (expires_at)',
  ],
};
