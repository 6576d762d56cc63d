/**
 * The policy in force as the store keeps it, files and all, written in the transaction that brings it into force. Where
 * two operators are needed a gateway starts with this one, so that a restart takes up nothing they did not agree to (I13).
 * It is one row: what was in force before stands in the log by its digest.
 */
import type { PolicyRef } from '@countersign/core';
import type { PolicyFile } from '../policy/source/files.ts';
import type { Step, Store } from '../store/store.ts';

export const keepPolicy = (
  { digest, version }: PolicyRef,
  files: readonly PolicyFile[],
  now: number,
): readonly Step[] => [
  {
    name: 'forget-policies',
    sql: 'DELETE FROM policies WHERE digest <> $1',
    params: [digest],
    rows: 'any',
  },
  {
    name: 'keep-policy',
    sql: `INSERT INTO policies (digest, version, body, loaded_at) VALUES ($1, $2, $3, $4)
          ON CONFLICT (digest) DO UPDATE SET version = excluded.version, body = excluded.body, loaded_at = excluded.loaded_at`,
    params: [digest, version, JSON.stringify(files), now],
    rows: 1,
  },
];

export type KeptPolicy = { readonly digest: string; readonly files: readonly PolicyFile[] };

export async function loadKeptPolicy(store: Pick<Store, 'read'>): Promise<KeptPolicy | undefined> {
  const [row] = await store.read({
    sql: 'SELECT digest, body FROM policies ORDER BY loaded_at DESC LIMIT 1',
    params: [],
  });
  if (row === undefined) return undefined;
  return { digest: String(row['digest']), files: JSON.parse(String(row['body'])) as readonly PolicyFile[] };
}
