/** Public keys as they are kept (SubjectPublicKeyInfo) and what verifies under them. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { AlgorithmName } from './passkeys.ts';

const RSA_BITS = { min: 2048, max: 4096 };

/** Undefined when it is no key, or not one of this algorithm: a signature is never tried under another. */
export function readPublicKey(spki_base64: string, algorithm: AlgorithmName): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki_base64, 'base64'), format: 'der', type: 'spki' });
    return fits(key, algorithm) ? key : undefined;
  } catch {
    return undefined; // not a key: whatever it was said to have signed, it has not
  }
}

function fits(key: KeyObject, algorithm: AlgorithmName): boolean {
  const details = key.asymmetricKeyDetails;
  switch (algorithm) {
    case 'ES256':
      return key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1';
    case 'EdDSA':
      return key.asymmetricKeyType === 'ed25519';
    case 'RS256': {
      const bits = details?.modulusLength ?? 0;
      return key.asymmetricKeyType === 'rsa' && bits >= RSA_BITS.min && bits <= RSA_BITS.max;
    }
  }
}

export const spkiBase64 = (key: KeyObject): string =>
  key.export({ type: 'spki', format: 'der' }).toString('base64');

export const keyDigest = (spki_base64: string): string =>
  `sha256:${createHash('sha256').update(Buffer.from(spki_base64, 'base64')).digest('hex')}`;

type Signed = { readonly signed: Uint8Array; readonly signature: Uint8Array };

/** About 0.1 ms. A signature that cannot be read does not hold, nor does one by a key of another kind. */
export function holds(
  { public_key, algorithm }: { readonly public_key: KeyObject; readonly algorithm: AlgorithmName },
  { signed, signature }: Signed,
): boolean {
  if (!fits(public_key, algorithm)) return false;
  try {
    return verify(algorithm === 'EdDSA' ? null : 'sha256', signed, public_key, signature);
  } catch {
    return false; // malformed for this algorithm
  }
}
