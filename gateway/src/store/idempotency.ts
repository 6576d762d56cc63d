/**
 * Remembers the answer to a change for as long as a caller may retry it. Keys belong to one principal. A key begun and
 * never kept (a crash) frees itself after a minute; kept answers are forgotten after a day.
 */
import { createHmac } from 'node:crypto';
import type { Begun, Idempotency, KeptAnswer, KeyUse } from '../api/ports.ts';
import type { Step, Store } from './store.ts';

const BEGUN_TTL_MS = 60_000;
const KEPT_TTL_MS = 86_400_000;

type Parts = {
  readonly store: Store;
  readonly now: () => number;
  readonly installation_key: Uint8Array;
};

export function createIdempotency({ store, now, installation_key }: Parts): Idempotency {
  // Keyed: a short reason must not be found by trying guesses against the store (I7).
  const digestOf = ({ body_hash }: KeyUse): string =>
    createHmac('sha256', installation_key).update(`idempotency\n${body_hash}`).digest('hex');
  const run = async (name: string, steps: readonly Step[]): Promise<boolean> =>
    (await store.commit({ name, steps, entries: [] })).ok;

  const existing = async (use: KeyUse): Promise<Begun> => {
    const [row] = await store.read({
      sql: 'SELECT body_hash, status, response FROM idempotency WHERE principal = $1 AND key = $2',
      params: [use.principal, use.key],
    });
    if (row === undefined || row['body_hash'] !== digestOf(use)) return { kind: 'conflict' };
    return row['status'] === null
      ? { kind: 'in_progress' }
      : { kind: 'kept', answer: JSON.parse(String(row['response'])) as KeptAnswer };
  };

  return {
    async begin(use) {
      const at = now();
      const begun = await run('idempotency-begin', [
        {
          name: 'forget',
          // Everybody's old ones with it: no answer is kept for longer, and the table does not grow for ever (I15).
          sql: 'DELETE FROM idempotency WHERE (principal = $1 AND key = $2 AND status IS NULL AND created_at < $3) OR created_at < $4',
          params: [use.principal, use.key, at - BEGUN_TTL_MS, at - KEPT_TTL_MS],
          rows: 'any',
        },
        {
          name: 'begin',
          sql: 'INSERT INTO idempotency (principal, key, body_hash, status, response, created_at) VALUES ($1, $2, $3, NULL, NULL, $4) ON CONFLICT DO NOTHING',
          params: [use.principal, use.key, digestOf(use), at],
          rows: 1,
        },
      ]);
      return begun ? { kind: 'fresh' } : existing(use);
    },
    async keep({ principal, key }, answer) {
      await run('idempotency-keep', [
        {
          name: 'keep',
          sql: 'UPDATE idempotency SET status = $3, response = $4 WHERE principal = $1 AND key = $2 AND status IS NULL',
          params: [principal, key, answer.status, JSON.stringify(answer)],
          rows: 'any',
        },
      ]);
    },
    async release({ principal, key }) {
      await run('idempotency-release', [
        {
          name: 'release',
          sql: 'DELETE FROM idempotency WHERE principal = $1 AND key = $2 AND status IS NULL',
          params: [principal, key],
          rows: 'any',
        },
      ]);
    },
  };
}
