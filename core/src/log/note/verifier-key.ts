import { sha256 } from '#sha256';
import { encodeBase64 } from '../../encoding/base64.ts';
import { concatBytes } from '../../encoding/bytes.ts';
import { encodeUtf8 } from '../../encoding/utf8.ts';
import { LogError } from '../error.ts';
import { base64Field } from './field.ts';
import { isKeyName } from './signed-note.ts';

/** C2SP signature types this project makes and checks. */
const TYPES = { ed25519: 0x01, 'cosignature/v1': 0x04 } as const;
const PUBLIC_KEY_BYTES = 32;

export type NoteAlgorithm = keyof typeof TYPES;

export type VerifierKey = {
  readonly name: string;
  readonly algorithm: NoteAlgorithm;
  /** Ed25519, RFC 8032, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly keyId: number;
};

/** Computes the key id: SHA-256(name ‖ "\n" ‖ type ‖ public key)[:4]. */
export function verifierKey(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) refuse('a name has no space and no plus, and is not empty');
  if (publicKey.length !== PUBLIC_KEY_BYTES) refuse(`an Ed25519 public key is ${PUBLIC_KEY_BYTES} bytes`);
  return { name, algorithm, publicKey, keyId: noteKeyId(name, typedKey(algorithm, publicKey)) };
}

export function noteKeyId(name: string, typedPublicKey: Uint8Array): number {
  const digest = sha256(encodeUtf8(`${name}\n`), typedPublicKey);
  return new DataView(digest.buffer).getUint32(0);
}

/** `name+hex(key id)+base64(type ‖ public key)`. */
export function formatVerifierKey({ name, algorithm, publicKey, keyId }: VerifierKey): string {
  return `${name}+${keyId.toString(16).padStart(8, '0')}+${encodeBase64(typedKey(algorithm, publicKey))}`;
}

/** Throws `LogError` (`bad-key`); a key id that does not follow from name and key is refused too. */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id = '', ...encoded] = text.split('+');
  // base64 itself has plus signs: everything after the second one is the key.
  const typed = base64Field(encoded.join('+'), refuse);
  const algorithm = algorithmOf(typed[0]);
  const key = verifierKey(name, algorithm, typed.slice(1));
  if (id !== key.keyId.toString(16).padStart(8, '0'))
    refuse('the key id does not belong to this name and key');
  return key;
}

function typedKey(algorithm: NoteAlgorithm, publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(Uint8Array.of(TYPES[algorithm]), publicKey);
}

function algorithmOf(type: number | undefined): NoteAlgorithm {
  if (type === TYPES.ed25519) return 'ed25519';
  if (type === TYPES['cosignature/v1']) return 'cosignature/v1';
  return refuse('signature types 0x01 (Ed25519) and 0x04 (cosignature/v1) are supported');
}

function refuse(what: string): never {
  throw new LogError('bad-key', `Not a verifier key: ${what}`);
}
