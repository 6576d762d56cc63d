import type { Migration } from '../migration.ts';

/**
 * How often each rule decided, by the hour: counted from the log's entries by a follower that comes after the fact.
 * Derived; nothing is decided by these rows, and they can be thrown away and made again.
 */
export const ruleHits: Migration = {
  version: 11,
  name: 'rule-hits',
  sql: [
    // `evaluated`: entries that refuse or hold. Each request that opened (`asked`) is one of them.
    `CREATE TABLE rule_hits (
      hour BIGINT NOT NULL,
      rule TEXT NOT NULL,
      allowed BIGINT NOT NULL,
      asked BIGINT NOT NULL,
      reviewed BIGINT NOT NULL,
      evaluated BIGINT NOT NULL,
      last_at BIGINT NOT NULL,
      PRIMARY KEY (hour, rule)
    )`,
    // Over all time, so that "never" needs no look at every hour there was.
    'CREATE TABLE rule_seen (rule TEXT NOT NULL PRIMARY KEY, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL)',
    "INSERT INTO meta (name, value) VALUES ('rule_hits_counted', '0')",
  ],
};
