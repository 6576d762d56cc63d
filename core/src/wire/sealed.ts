import { sha256 } from '#sha256';
import { equalBytes } from '../encoding/bytes.ts';
import { decodeHex, encodeHex } from '../encoding/hex.ts';
import { isJsonObject, type Json } from '../json/value.ts';

/** In place of a sensitive value: a commitment that says nothing once salt and clear value are erased. */
export type Sealed = { readonly $sealed: { readonly alg: 'sha-256'; readonly digest: string } };

/** Less could be searched together with a guessable value. */
export const SALT_BYTES_MIN = 16;

/** Commits to the clear value: hex(SHA-256(salt ‖ clear)). Each value needs its own salt. */
export function seal(salt: Uint8Array, clear: Uint8Array): Sealed {
  if (salt.length < SALT_BYTES_MIN) throw new RangeError(`A salt has at least ${SALT_BYTES_MIN} bytes`);
  return { $sealed: { alg: 'sha-256', digest: encodeHex(sha256(salt, clear)) } };
}

/** Whether this salt and clear value are what was committed to. */
export function opens(sealed: Sealed, salt: Uint8Array, clear: Uint8Array): boolean {
  if (salt.length < SALT_BYTES_MIN) return false;
  return equalBytes(decodeHex(sealed.$sealed.digest), sha256(salt, clear));
}

/** Exactly that shape: a value with anything more is not a commitment and is treated as clear text. */
export function isSealed(value: Json | undefined): value is Sealed {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return false;
  const inner = value['$sealed'];
  if (!isJsonObject(inner) || Object.keys(inner).length !== 2 || inner['alg'] !== 'sha-256') return false;
  return typeof inner['digest'] === 'string' && /^[0-9a-f]{64}$/.test(inner['digest']);
}
