import type { Migration } from './migration.ts';

/**
 * Requests shown outside the console: which card is where, what it is to show and what it shows for sure. A row is no
 * authority: an answer counts for what the request's own rows say. What each version showed is kept before it is posted.
 */
export const cards: Migration = {
  version: 19,
  name: 'cards',
  sql: [
    `CREATE TABLE cards (
      id TEXT NOT NULL PRIMARY KEY,
      request_id TEXT NOT NULL REFERENCES requests (id),
      channel TEXT NOT NULL,
      place TEXT NOT NULL,
      because TEXT NOT NULL CHECK (because IN ('asked', 'reminded', 'escalated')),
      turn BIGINT NOT NULL,
      person TEXT,
      likeness TEXT NOT NULL,
      folded BIGINT NOT NULL,
      begun_at BIGINT,
      wanted BIGINT NOT NULL,
      shown BIGINT NOT NULL,
      shown_digest TEXT,
      posted TEXT,
      maybe_posted BIGINT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('live', 'left', 'dead')),
      attempts BIGINT NOT NULL,
      failing_since BIGINT,
      trouble TEXT,
      next_at BIGINT NOT NULL,
      lease TEXT,
      leased_until BIGINT NOT NULL,
      made_at BIGINT NOT NULL
    )`,
    // Whoever plans it, and however often: a request has one card at a place, and one each time it is asked about again.
    'CREATE UNIQUE INDEX cards_place ON cards (request_id, channel, place, because, turn)',
    'CREATE INDEX cards_likeness ON cards (channel, place, likeness, begun_at)',
    'CREATE INDEX cards_person ON cards (person, begun_at) WHERE person IS NOT NULL',
    "CREATE INDEX cards_due ON cards (channel, place, id) WHERE state = 'live' AND shown < wanted",
    "CREATE INDEX cards_dead ON cards (id) WHERE state = 'dead'",
    `CREATE TABLE card_versions (
      card_id TEXT NOT NULL REFERENCES cards (id),
      version BIGINT NOT NULL,
      action_digest TEXT NOT NULL,
      rendered_digest TEXT NOT NULL,
      offers TEXT NOT NULL CHECK (offers IN ('answers', 'deny_or_link', 'link', 'none')),
      made_at BIGINT NOT NULL,
      PRIMARY KEY (card_id, version)
    )`,
    // Somebody's account in a service, waiting for whoever is signed in here to say that it is theirs.
    `CREATE TABLE channel_links (
      code_hash TEXT NOT NULL PRIMARY KEY,
      channel TEXT NOT NULL,
      account TEXT NOT NULL,
      label TEXT NOT NULL,
      expires_at BIGINT NOT NULL,
      consumed_at BIGINT,
      consumed_by TEXT,
      CHECK ((consumed_at IS NULL) = (consumed_by IS NULL))
    )`,
    'CREATE INDEX channel_links_age ON channel_links (expires_at)',
  ],
};
