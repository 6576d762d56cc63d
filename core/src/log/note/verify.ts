import { encodeUtf8 } from '../../encoding/utf8.ts';
import { cosignatureMessage, splitCosignature } from './cosignature.ts';
import type { NoteSignature, SignedNote } from './signed-note.ts';
import type { VerifierKey } from './verifier-key.ts';

export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** A signature that held. Only a cosignature says when, in seconds. */
export type VerifiedSignature = { readonly key: VerifierKey; readonly time_s?: number };

export type NoteVerification =
  | {
      readonly status: 'verified';
      readonly signatures: readonly VerifiedSignature[];
      readonly unknown: number;
    }
  /** No line is by a key the caller knows: nothing is established. */
  | { readonly status: 'unknown-keys' }
  /** A line claims a known key and is not by it: the note is refused whole, whatever else holds. */
  | { readonly status: 'bad-signature'; readonly key: VerifierKey };

/** C2SP signed-note: every signature by a known key must hold, those by unknown keys are ignored. A key counts once. */
export async function verifyNote(
  note: SignedNote,
  keys: readonly VerifierKey[],
  verify: Ed25519Verify = verifyEd25519,
): Promise<NoteVerification> {
  const verified = new Map<VerifierKey, VerifiedSignature>();
  let unknown = 0;
  for (const signature of note.signatures) {
    const key = keys.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (key === undefined) {
      unknown += 1;
      continue;
    }
    const found = await verifyOne(note.text, signature, { key, verify });
    if (found === undefined) return { status: 'bad-signature', key };
    if (!verified.has(key)) verified.set(key, found);
  }
  if (verified.size === 0) return { status: 'unknown-keys' };
  return { status: 'verified', signatures: [...verified.values()], unknown };
}

async function verifyOne(
  text: string,
  { signature }: NoteSignature,
  { key, verify }: { readonly key: VerifierKey; readonly verify: Ed25519Verify },
): Promise<VerifiedSignature | undefined> {
  if (key.algorithm === 'ed25519') {
    const held = signature.length === 64 && (await verify(key.publicKey, encodeUtf8(text), signature));
    return held ? { key } : undefined;
  }
  const split = splitCosignature(signature);
  if (split === undefined) return undefined;
  const held = await verify(key.publicKey, cosignatureMessage(text, split.time_s), split.ed25519);
  return held ? { key, time_s: split.time_s } : undefined;
}

/** WebCrypto's Ed25519, in browsers and Node alike. A key or signature it cannot read does not verify. */
export const verifyEd25519: Ed25519Verify = async (publicKey, message, signature) => {
  try {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message));
  } catch (error) {
    // Not a point on the curve. A platform without Ed25519 is a different matter, and must not pass for a bad signature.
    if (error instanceof DOMException && error.name === 'NotSupportedError') throw error;
    return false;
  }
};
