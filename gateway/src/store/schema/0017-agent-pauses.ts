import type { Migration } from './migration.ts';

/** Who stopped which agent, when, and who resumed it. A pause is never deleted: it ends. */
export const agentPauses: Migration = {
  version: 17,
  name: 'agent-pauses',
  sql: [
    `CREATE TABLE agent_pauses (
      id TEXT NOT NULL PRIMARY KEY,
      agent TEXT NOT NULL,
      paused_at BIGINT NOT NULL,
      paused_by TEXT NOT NULL,
      reason_payload_id TEXT NOT NULL,
      resumed_at BIGINT,
      resumed_by TEXT
    )`,
    'CREATE UNIQUE INDEX agent_pauses_live ON agent_pauses (agent) WHERE resumed_at IS NULL',
  ],
};
