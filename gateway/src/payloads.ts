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

/** `comment`: what a ticket system said, and for whom; `proof`: an ID token handed over for one answer; `preview`: what a read of the upstream showed, blanked; `values`: what rules looked at; `shown`: the digest of what a reviewer saw; `erasure`: why a request was erased, which stays. */
export type PayloadKind =
  | 'action'
  | 'claim'
  | 'reason'
  | 'result'
  | 'values'
  | 'shown'
  | 'preview'
  | 'comment'
  | 'proof'
  | 'erasure';
export type Payload = {
  readonly id: string;
  readonly kind: PayloadKind;
  readonly salt: Uint8Array;
  readonly body: string;
};

type Fixed = { readonly evaluation_id: string; readonly action_digest: string };

export const newSalt = (): Uint8Array => randomOctets(16);

export function storePayload({ id, kind, salt, body }: Payload, now: number): Step {
  return {
    name: `store-${kind}`,
    sql: 'INSERT INTO payloads (id, kind, salt, body, created_at, erased_at) VALUES ($1, $2, $3, $4, $5, NULL)',
    params: [id, kind, Buffer.from(salt).toString('base64'), body, now],
    rows: 1,
  };
}

/** One that belongs to a request, and is erased with it. */
export function storePayloadOf(request_id: string, { id, kind, salt, body }: Payload, now: number): Step {
  return {
    name: `store-${kind}`,
    sql: 'INSERT INTO payloads (id, kind, salt, body, created_at, erased_at, request_id) VALUES ($1, $2, $3, $4, $5, NULL, $6)',
    params: [id, kind, Buffer.from(salt).toString('base64'), body, now, request_id],
    rows: 1,
  };
}

/** Takes salts and clear text away for good; the log keeps its commitments, which then open to nothing. */
export function erasePayloads(request_id: string, { rows, now }: { rows: number; now: number }): Step {
  return {
    name: 'payloads',
    sql: 'UPDATE payloads SET salt = NULL, body = NULL, erased_at = $2 WHERE request_id = $1 AND erased_at IS NULL',
    params: [request_id, now],
    rows,
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

/** The newest of its kind that belongs to a request; undefined when there is none, or it was erased. */
export async function readPayloadOf(
  store: Store,
  request_id: string,
  kind: PayloadKind,
): Promise<string | undefined> {
  const [row] = await store.read({
    sql: 'SELECT body FROM payloads WHERE request_id = $1 AND kind = $2 AND erased_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 1',
    params: [request_id, kind],
  });
  return row === undefined ? undefined : String(row['body']);
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
