import type { Migration } from './migration.ts';

/**
 * When agents last came in, and with what: the hash of a key, or `token:` and the issuer of a workload token. Written a
 * batch a minute, never by a call; of agents that only tokens make it is also who owned them then.
 */
export const agentUses: Migration = {
  version: 6,
  name: 'agent-uses',
  sql: [
    `CREATE TABLE agent_uses (
      agent TEXT NOT NULL,
      credential TEXT NOT NULL,
      owner TEXT,
      team TEXT,
      first_used_at BIGINT NOT NULL,
      last_used_at BIGINT NOT NULL,
      PRIMARY KEY (agent, credential)
    )`,
    'CREATE INDEX agent_uses_last ON agent_uses (last_used_at)',
  ],
};
