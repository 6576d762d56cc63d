import { encodeBase64 } from '../encoding/base64.ts';
import { encodeUtf8 } from '../encoding/utf8.ts';

export const HASHEDREKORD = { kind: 'hashedrekord', version: '0.0.2' } as const;

export type HashedRekord = {
  /** SHA-256 of the DSSE pre-authentication encoding. */
  readonly digest: Uint8Array;
  /** ECDSA P-256 with SHA-256, ASN.1 DER. */
  readonly signature: Uint8Array;
  /** The signer's public key, SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
};

/**
 * The log leaf: the RFC 8785 form of a Rekor v2 `hashedrekord` 0.0.2 body. Written out member by member in canonical
 * order, since base64 needs no escapes and one is made for every entry.
 */
export function hashedRekordText({ digest, signature, publicKey }: HashedRekord): string {
  const data = `{"algorithm":"SHA2_256","digest":"${encodeBase64(digest)}"}`;
  const verifier = `{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${encodeBase64(publicKey)}"}}`;
  const signed = `{"content":"${encodeBase64(signature)}","verifier":${verifier}}`;
  return `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":${data},"signature":${signed}}}}`;
}

export function hashedRekordBytes(record: HashedRekord): Uint8Array<ArrayBuffer> {
  return encodeUtf8(hashedRekordText(record));
}
