/**
 * When each credential of an agent was last used. A call only notes it in memory; once a minute what was noted is
 * written, in one transaction. A crash loses a minute of it, and nothing rests on it but what people are shown.
 */
import type { Principal } from '@countersign/core';
import type { Step, Store } from '../store/store.ts';

/** Agents made of claims could be any number: those unused the longest are forgotten. */
const ROWS_MAX = 10_000;
/** Noted at once; more callers than this in one minute are noted the next time they come. */
const NOTED_MAX = 20_000;
const BATCH = 500;

export type Use = {
  readonly agent: string;
  readonly credential: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly at: number;
};
export type StoredUse = Use & { readonly first_used_at: number };

export type Uses = {
  note(principal: Principal, credential: string, at: number): void;
  /** Writes what was noted. Rejects when it could not; it is then kept for the next time. */
  flush(): Promise<void>;
};

export const tokenCredential = (issuer: string): string => `token:${issuer}`;

export function createUses(store: Store): Uses {
  let noted = new Map<string, Use>();
  return {
    note({ agent, owner, team }, credential, at) {
      const key = `${agent}\n${credential}`;
      if (noted.size < NOTED_MAX || noted.has(key)) noted.set(key, { agent, credential, owner, team, at });
    },
    async flush() {
      if (noted.size === 0) return;
      const taken = noted;
      noted = new Map();
      const uses = [...taken.values()];
      try {
        for (let from = 0; from < uses.length; from += BATCH)
          await store.commit({
            name: 'agent-uses',
            steps: [...uses.slice(from, from + BATCH).map(write), FORGET],
            entries: [],
          });
      } catch (error) {
        for (const [key, use] of taken) if (!noted.has(key)) noted.set(key, use);
        throw error;
      }
    },
  };
}

const write = ({ agent, credential, owner, team, at }: Use): Step => ({
  name: 'use',
  sql: `INSERT INTO agent_uses (agent, credential, owner, team, first_used_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (agent, credential) DO UPDATE SET owner = $3, team = $4, last_used_at = $5 WHERE agent_uses.last_used_at < $5`,
  params: [agent, credential, owner, team, at],
  rows: 'any',
});

const FORGET: Step = {
  name: 'forget',
  sql: `DELETE FROM agent_uses WHERE last_used_at < (SELECT MIN(last_used_at) FROM
          (SELECT last_used_at FROM agent_uses ORDER BY last_used_at DESC LIMIT ${ROWS_MAX}) AS kept)`,
  params: [],
  rows: 'any',
};

export async function readUses(store: Store): Promise<readonly StoredUse[]> {
  const rows = await store.read({
    sql: `SELECT agent, credential, owner, team, first_used_at, last_used_at FROM agent_uses ORDER BY agent, credential LIMIT ${2 * ROWS_MAX}`,
    params: [],
  });
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return rows.map((row) => ({
    agent: String(row['agent']),
    credential: String(row['credential']),
    owner: text(row['owner']),
    team: text(row['team']),
    first_used_at: Number(row['first_used_at']),
    at: Number(row['last_used_at']),
  }));
}
