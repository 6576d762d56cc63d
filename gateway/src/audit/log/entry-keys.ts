import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import {
  decodeBase64,
  encodeBase64,
  formatNote,
  type NoteVerification,
  parseNote,
  type VerifierKey,
  verifyNote,
} from '@countersign/core';
import { type KeySet, type LogKey, spkiOf } from '../keys/keys.ts';

/**
 * `entry-keys`: which keys sign this log's entries, signed by the log's own key, so that an auditor needs only that one.
 * A C2SP signed note: the line `<origin> entry keys`, then base64 SubjectPublicKeyInfo, newest first.
 */
export function formatEntryKeys({ current, previous }: KeySet, { private_key, verifier }: LogKey): string {
  const keys = [current, ...previous].map(({ public_key }) =>
    encodeBase64(new Uint8Array(spkiOf(public_key))),
  );
  const text = [title(verifier.name), ...keys, ''].join('\n');
  const signature = new Uint8Array(sign(null, Buffer.from(text), private_key));
  return formatNote({ text, signatures: [{ name: verifier.name, keyId: verifier.keyId, signature }] });
}

const title = (origin: string): string => `${origin} entry keys`;

export type EntryKeys =
  | { readonly status: 'verified'; readonly keys: readonly KeyObject[] }
  | { readonly status: Exclude<NoteVerification['status'], 'verified'> | 'malformed' };

/** @throws LogError when it is no signed note */
export async function readEntryKeys(note: string, log: VerifierKey): Promise<EntryKeys> {
  const signed = parseNote(note);
  const { status } = await verifyNote(signed, [log]);
  if (status !== 'verified') return { status };
  const [head, ...lines] = signed.text.trimEnd().split('\n');
  if (head !== title(log.name)) return { status: 'malformed' };
  const keys = lines.map((line) =>
    createPublicKey({ key: Buffer.from(decodeBase64(line)), format: 'der', type: 'spki' }),
  );
  return { status: 'verified', keys };
}
