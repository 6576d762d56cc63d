/** What the log says of a passkey: only entries whose signature holds under the gateway's entry keys are believed. */
import { type KeyObject, verify } from 'node:crypto';
import {
  JsonError,
  type JsonObject,
  kindOf,
  parseJson,
  parseStatement,
  preAuthEncoding,
  readEnvelope,
  WireError,
} from '@countersign/core';
import { lookUp } from '../audit/read/look-up.ts';
import type { Store } from '../store/store.ts';

/** A key has three changes in its life. */
const CHANGES_MAX = 20;

export type KeyChange = {
  readonly change: string;
  readonly by?: string;
  readonly person?: string;
  readonly credential_id?: string;
  readonly algorithm?: string;
  readonly public_key?: string;
  readonly key_digest?: string;
};

/** Newest first. */
export async function signedChanges(
  store: Store,
  key_id: string,
  entry_keys: readonly KeyObject[],
): Promise<readonly KeyChange[]> {
  const filter = { resource: key_id, kind: 'reviewer-key' as const };
  const rows = await lookUp(store, { filter, limit: CHANGES_MAX }, 'e.leaf_index, e.envelope');
  return rows.flatMap((row) => {
    const predicate = readSigned(String(row['envelope']), entry_keys);
    return predicate?.['key'] === key_id ? [predicate as unknown as KeyChange] : [];
  });
}

/** Undefined for what no entry key signed, or nobody can read: it says nothing. */
function readSigned(envelope_text: string, entry_keys: readonly KeyObject[]): JsonObject | undefined {
  try {
    return signedPredicate(envelope_text, entry_keys);
  } catch (error) {
    if (error instanceof JsonError || error instanceof WireError) return undefined;
    throw error;
  }
}

function signedPredicate(envelope_text: string, entry_keys: readonly KeyObject[]): JsonObject | undefined {
  const envelope = readEnvelope(parseJson(envelope_text));
  const [signature] = envelope.signatures;
  if (signature === undefined) return undefined;
  const message = preAuthEncoding(envelope.payloadType, envelope.payload);
  if (!entry_keys.some((key) => verify('sha256', message, key, signature.sig))) return undefined;
  const statement = parseStatement(envelope.payload);
  return kindOf(statement) === 'reviewer-key' ? statement.predicate : undefined;
}
