/**
 * What policy a gateway starts with. Where the store keeps it, the folder is read once, at the first start; from then
 * on only what the store has counts, and a store that does not have it as it was stops the start (I13).
 */
import type { PolicySourceKind } from '../config/config.ts';
import { type PolicyFile, policyDigest, readPolicyFolder } from '../policy/source/files.ts';
import type { Step, Store } from '../store/store.ts';
import { loadKeptPolicy } from './kept.ts';

const SOURCE = 'policy_source';

/** Goes with every start: whether the folder has been read, for good. */
export const keepSource = (source: PolicySourceKind): Step => ({
  name: 'keep-policy-source',
  sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  params: [SOURCE, source],
  rows: 1,
});

type First = {
  readonly source: PolicySourceKind;
  readonly folder: string;
  /** What two operators agreed to last. */
  readonly agreed: readonly PolicyFile[] | undefined;
};

/** Undefined: what the folder holds. @throws PolicyError for a bad folder, TypeError for a store that lost the policy */
export async function firstPolicy(
  store: Pick<Store, 'read'>,
  { source, folder, agreed }: First,
): Promise<readonly PolicyFile[] | undefined> {
  if (agreed !== undefined) return agreed;
  return source === 'files' ? undefined : ((await policyInStore(store)) ?? readPolicyFolder(folder));
}

/** Undefined: the folder was not read yet. @throws TypeError for a store that lost the policy */
export async function policyInStore(store: Pick<Store, 'read'>): Promise<readonly PolicyFile[] | undefined> {
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [SOURCE] });
  if (row?.['value'] !== 'store') return undefined;
  const kept = await loadKeptPolicy(store);
  if (kept === undefined || policyDigest(kept.files) !== kept.digest)
    throw new TypeError(
      'policy.source is store, and the store does not have the policy as it was; restore the store from a backup',
    );
  return kept.files;
}
