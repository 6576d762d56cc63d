import { sha256 } from '#sha256';
import { encodeBase64 } from '../encoding/base64.ts';
import { concatBytes } from '../encoding/bytes.ts';

/** Checks an ECDSA P-256 SHA-256 signature in ASN.1 DER, by a key in SubjectPublicKeyInfo DER. */
export type Es256Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

const COORDINATE_BYTES = 32;

/** How envelopes and receipts name a key: base64 of SHA-256 over its SubjectPublicKeyInfo. */
export function keyHint(publicKey: Uint8Array): string {
  return encodeBase64(sha256(publicKey));
}

/** The two 32-byte numbers of an ECDSA-Sig-Value (RFC 3279 §2.2.3), or `undefined` if the DER is not the one encoding. */
export function rawFromDer(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  return concatBytes(r.number, s.number);
}

export function derFromRaw(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  if (raw.length !== 2 * COORDINATE_BYTES) throw new RangeError('A raw ES256 signature is 64 bytes');
  const r = integerOf(raw.subarray(0, COORDINATE_BYTES));
  const s = integerOf(raw.subarray(COORDINATE_BYTES));
  return concatBytes(Uint8Array.of(0x30, r.length + s.length), r, s);
}

/** WebCrypto's ECDSA, in browsers and Node alike. A key or signature it cannot read does not verify. */
export const verifyEs256: Es256Verify = async (publicKey, message, signature) => {
  const raw = rawFromDer(signature);
  if (raw === undefined) return false;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  try {
    const key = await crypto.subtle.importKey('spki', new Uint8Array(publicKey), algorithm, false, [
      'verify',
    ]);
    return await crypto.subtle.verify(algorithm, key, raw, new Uint8Array(message));
  } catch {
    // Not a P-256 key: whatever it signed, it is not this.
    return false;
  }
};

type Found = { readonly number: Uint8Array; readonly end: number };

function integerAt(der: Uint8Array, start: number): Found | undefined {
  const length = der[start + 1] ?? 0;
  const end = start + 2 + length;
  const first = der[start + 2] ?? 0;
  if (der[start] !== 0x02 || length < 1 || length > COORDINATE_BYTES + 1 || end > der.length)
    return undefined;
  // Negative, or a zero in front that is not there to keep it positive: not DER.
  if (first >= 0x80 || (first === 0 && length > 1 && (der[start + 3] ?? 0) < 0x80)) return undefined;
  const digits = der.subarray(first === 0 ? start + 3 : start + 2, end);
  if (digits.length > COORDINATE_BYTES) return undefined;
  const number = new Uint8Array(COORDINATE_BYTES);
  number.set(digits, COORDINATE_BYTES - digits.length);
  return { number, end };
}

function integerOf(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start += 1;
  const digits = number.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Uint8Array.of(0x02, digits.length + sign.length, ...sign, ...digits);
}
