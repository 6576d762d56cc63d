import type { Migration } from '../migration.ts';

/**
 * Reviewers' own keys, and what they signed. A row of `passkeys` alone makes no key: it is pinned only when signed
 * entries of the log say the same, so that nobody who can write here can enrol one (A13). Keys are never deleted.
 */
export const passkeys: Migration = {
  version: 4,
  name: 'passkeys',
  sql: [
    `CREATE TABLE passkeys (
      id TEXT NOT NULL PRIMARY KEY,
      credential_id TEXT NOT NULL UNIQUE,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      algorithm BIGINT NOT NULL,
      public_key TEXT NOT NULL,
      transports TEXT NOT NULL,
      backed_up BIGINT NOT NULL CHECK (backed_up IN (0, 1)),
      status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'revoked')),
      sign_count BIGINT NOT NULL,
      enrolled_at BIGINT NOT NULL,
      confirmed_by TEXT,
      confirmed_at BIGINT,
      revoked_by TEXT,
      revoked_at BIGINT,
      last_used_at BIGINT
    )`,
    'CREATE INDEX passkeys_person ON passkeys (person, enrolled_at)',

    // A question to a key, good once: what it is about, and what opens the commitments it signs. Known by its hash.
    `CREATE TABLE passkey_challenges (
      challenge TEXT NOT NULL PRIMARY KEY,
      purpose TEXT NOT NULL CHECK (purpose IN ('enrol', 'review')),
      person TEXT NOT NULL,
      session TEXT NOT NULL,
      request_id TEXT,
      document TEXT,
      salts TEXT,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX passkey_challenges_person ON passkey_challenges (person, created_at)',
    'CREATE INDEX passkey_challenges_due ON passkey_challenges (expires_at)',

    // Verbatim, so that the signature can be checked again by whoever wants to, at every redemption among them.
    `CREATE TABLE review_signatures (
      review_id TEXT NOT NULL PRIMARY KEY REFERENCES reviews (id),
      request_id TEXT NOT NULL,
      credential_id TEXT NOT NULL,
      document TEXT NOT NULL,
      client_data TEXT NOT NULL,
      authenticator_data TEXT NOT NULL,
      signature TEXT NOT NULL
    )`,
    'CREATE INDEX review_signatures_request ON review_signatures (request_id)',
  ],
};
