/**
 * Erasable payloads: clear text that must not stand in the log — actions, answers, reasons, claims. Each has its own
 * salt; the log carries only a salted commitment, so erasing the row leaves nothing to guess from and breaks no tree.
 */
import { randomBytes } from 'node:crypto';
import { concatBytes, encodeHex, encodeUtf8, sha256 } from '@countersign/core';
import type { Step, Store } from './store/store.ts';

export type PayloadKind = 'action' | 'claim' | 'reason' | 'result';
export type Payload = {
  readonly id: string;
  readonly kind: PayloadKind;
  readonly salt: Uint8Array;
  readonly body: string;
};

export const newSalt = (): Uint8Array => new Uint8Array(randomBytes(16));

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

/** `{"$sealed":{"alg":"sha-256","digest"}}` over salt ‖ body. */
export function sealed(payload: Payload): {
  readonly $sealed: { readonly alg: 'sha-256'; readonly digest: string };
} {
  return {
    $sealed: {
      alg: 'sha-256',
      digest: encodeHex(sha256(concatBytes(payload.salt, encodeUtf8(payload.body)))),
    },
  };
}
