/**
 * Erasable payloads: clear text that must not stand in the log — actions, answers, reasons, claims. Each has its own
 * salt; the log carries only a salted commitment, so erasing the row leaves nothing to guess from and breaks no tree.
 */
import {
  actionDigest,
  type CanonicalAction,
  encodeUtf8,
  readAction,
  SALT_BYTES,
  type Sealed,
  seal,
} from '@countersign/core';
import { randomOctets } from './ids.ts';
import type { Step, Store } from './store/store.ts';

export type PayloadKind = 'action' | 'claim' | 'reason' | 'result';
export type Payload = {
  readonly id: string;
  readonly kind: PayloadKind;
  readonly salt: Uint8Array;
  readonly body: string;
};

type Fixed = { readonly evaluation_id: string; readonly action_digest: string };

export const newSalt = (): Uint8Array => randomOctets(16);

export function storePayload(payload: Payload, now: number): Step {
  return {
    name: `store-${payload.kind}`,
    sql: 'INSERT INTO payloads (id, kind, salt, body, created_at, erased_at) VALUES ($1, $2, $3, $4, $5, NULL)',
    params: [payload.id, payload.kind, Buffer.from(payload.salt).toString('base64'), payload.body, now],
    rows: 1,
  };
}

/** Takes salt and clear text away for good; the log keeps its commitment, which then opens to nothing. */
export function erasePayload(id: string, now: number): Step {
  return {
    name: 'erase',
    sql: 'UPDATE payloads SET salt = NULL, body = NULL, erased_at = $2 WHERE id = $1 AND erased_at IS NULL',
    params: [id, now],
    rows: 1,
  };
}

/** Undefined when there is none, or it was erased. */
export async function readPayload(store: Store, id: string): Promise<Payload | undefined> {
  const [row] = await store.read({
    sql: 'SELECT kind, salt, body FROM payloads WHERE id = $1 AND erased_at IS NULL',
    params: [id],
  });
  if (row === undefined) return undefined;
  return {
    id,
    kind: String(row['kind']) as PayloadKind,
    salt: new Uint8Array(Buffer.from(String(row['salt']), 'base64')),
    body: String(row['body']),
  };
}

/**
 * The action people saw and the digest was taken of. Undefined when it was erased; and when the stored bytes are no
 * longer those bytes: whoever edited the store gets nothing shown, approved or run (A24).
 */
export async function readStoredAction(
  store: Store,
  { evaluation_id, action_digest }: Fixed,
): Promise<CanonicalAction | undefined> {
  const payload = await readPayload(store, evaluation_id);
  if (payload?.salt.length !== SALT_BYTES) return undefined;
  const bytes = new TextEncoder().encode(payload.body);
  return actionDigest(bytes, payload.salt) === action_digest ? readAction(bytes) : undefined;
}

/** What the log carries of it: a commitment over salt and body. */
export const sealed = ({ salt, body }: Payload): Sealed => seal(salt, encodeUtf8(body));
