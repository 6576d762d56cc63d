/**
 * What is in force as the store keeps it — the policy's files, the parts of the configuration that decide — written in
 * the transaction that brings it into force. Where two operators are needed a gateway starts with these, so that a
 * restart takes up nothing they did not agree to (I13). One row each: what was before stands in the log by its digest.
 */
import type { PolicyRef } from '@countersign/core';
import type { PolicyFile } from '../policy/source/files.ts';
import type { Step, Store } from '../store/store.ts';
import { digestOf, type Governed, governed } from './config-change.ts';

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

const CONFIG = 'config_in_force';

/** It has the hashes of agents' keys, and of no secret more. */
export const keepConfig = (config: Governed): Step => {
  const parts = governed(config);
  return {
    name: 'keep-config',
    sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    params: [CONFIG, JSON.stringify({ digest: digestOf(parts), parts })],
    rows: 1,
  };
};

export type KeptConfig = { readonly digest: string; readonly parts: Governed };

export async function loadKeptConfig(store: Pick<Store, 'read'>): Promise<KeptConfig | undefined> {
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [CONFIG] });
  return row === undefined ? undefined : (JSON.parse(String(row['value'])) as KeptConfig);
}
