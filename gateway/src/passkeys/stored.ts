/** Passkeys as their rows say, and which of them count: those whose signed entries in the log say the same. */
import type { KeyObject } from 'node:crypto';
import type { Passkey, PasskeyStatus } from '@countersign/sdk';
import type { Log } from '../events.ts';
import type { Row, Store } from '../store/store.ts';
import { signedChanges } from './in-log.ts';
import { type AlgorithmName, algorithmName, type PinnedKey, type PinnedKeys } from './passkeys.ts';
import { keyDigest, readPublicKey } from './public-key.ts';

export type StoredKey = Omit<Passkey, 'person_name' | 'confirmable_by'> & {
  /** SubjectPublicKeyInfo, base64. */
  readonly public_key: string;
  readonly transports: readonly string[];
  readonly sign_count: number;
};

const COLUMNS =
  'id, credential_id, person, name, algorithm, public_key, transports, backed_up, status, sign_count, enrolled_at, confirmed_by, confirmed_at, revoked_by, revoked_at, last_used_at';

/** Far more than people have; more is a broken store. */
const KEYS_MAX = 100_000;

export async function listKeys(store: Store, person?: string): Promise<readonly StoredKey[]> {
  const rows = await store.read({
    sql: `SELECT ${COLUMNS} FROM passkeys ${person === undefined ? '' : 'WHERE person = $1'} ORDER BY enrolled_at, id`,
    params: person === undefined ? [] : [person],
    rows_max: KEYS_MAX,
  });
  return rows.map(readKey);
}

export async function findKey(store: Store, id: string): Promise<StoredKey | undefined> {
  const [row] = await store.read({ sql: `SELECT ${COLUMNS} FROM passkeys WHERE id = $1`, params: [id] });
  return row === undefined ? undefined : readKey(row);
}

function readKey(row: Row): StoredKey {
  const public_key = String(row['public_key']);
  return {
    id: String(row['id']),
    credential_id: String(row['credential_id']),
    person: String(row['person']),
    name: String(row['name']),
    algorithm: algorithmName(Number(row['algorithm'])) ?? 'ES256',
    public_key,
    key_digest: keyDigest(public_key),
    transports: JSON.parse(String(row['transports'])) as readonly string[],
    backed_up: Number(row['backed_up']) === 1,
    status: String(row['status']) as PasskeyStatus,
    sign_count: Number(row['sign_count']),
    enrolled_at: Number(row['enrolled_at']),
    ...text(row, 'confirmed_by'),
    ...time(row, 'confirmed_at'),
    ...text(row, 'revoked_by'),
    ...time(row, 'revoked_at'),
    ...time(row, 'last_used_at'),
  };
}

const text = <K extends string>(row: Row, column: K): { readonly [P in K]?: string } =>
  (row[column] === null ? {} : { [column]: String(row[column]) }) as { readonly [P in K]?: string };
const time = <K extends string>(row: Row, column: K): { readonly [P in K]?: number } =>
  (row[column] === null ? {} : { [column]: Number(row[column]) }) as { readonly [P in K]?: number };

/** Undefined for what is no key of its algorithm. */
export function pinnedKey(key: {
  readonly id: string;
  readonly credential_id: string;
  readonly person: string;
  readonly algorithm: AlgorithmName;
  readonly public_key: string;
}): PinnedKey | undefined {
  const { id, credential_id, person, algorithm } = key;
  const public_key = readPublicKey(key.public_key, algorithm);
  if (public_key === undefined) return undefined;
  return { id, credential_id, person, algorithm, public_key, key_digest: keyDigest(key.public_key) };
}

export type LoadOptions = { readonly entry_keys: readonly KeyObject[]; readonly log: Log };

/**
 * The keys that count. A row nobody's signed entries speak for is left out, and said: whoever wrote it had the store and
 * not the gateway's key (A13, A24).
 */
export async function loadPinnedKeys(store: Store, { entry_keys, log }: LoadOptions): Promise<PinnedKeys> {
  const pinned = new Map<string, PinnedKey>();
  for (const key of await listKeys(store)) {
    if (key.status !== 'active') continue;
    const found = pinnedKey(key);
    const said = await signedChanges(store, key.id, entry_keys);
    if (found !== undefined && isConfirmed(key, said)) pinned.set(key.credential_id, found);
    else
      log.error(
        { key: key.id, person: key.person },
        'a passkey is not what the log says; it does not count until its owner enrols again',
      );
  }
  return pinned;
}

function isConfirmed(key: StoredKey, said: Awaited<ReturnType<typeof signedChanges>>): boolean {
  const enrolled = said.find(({ change }) => change === 'passkey enrolled');
  const confirmed = said.find(({ change }) => change === 'passkey confirmed');
  if (enrolled === undefined || confirmed === undefined) return false;
  const same =
    enrolled.person === key.person &&
    enrolled.credential_id === key.credential_id &&
    enrolled.public_key === key.public_key &&
    enrolled.algorithm === key.algorithm &&
    confirmed.key_digest === key.key_digest;
  const revoked = said.some(({ change }) => change === 'passkey revoked');
  return same && !revoked && confirmed.by !== undefined && confirmed.by !== key.person;
}
