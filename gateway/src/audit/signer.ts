import type { KeyObject } from 'node:crypto';
import { hashedRekordText, IN_TOTO_PAYLOAD_TYPE, keyHint } from '@countersign/core';
import { spkiOf } from './keys/keys.ts';
import { leafText, type Sign, type SignatureForm, signerBy } from './signing.ts';

/** Signs statements and makes their leaves. */
export const createSigner = (private_key: KeyObject): Sign =>
  signerBy(private_key, signatureForm(private_key));

export function signatureForm(private_key: KeyObject): SignatureForm {
  const publicKey = new Uint8Array(spkiOf(private_key));
  return {
    payload_type: IN_TOTO_PAYLOAD_TYPE,
    keyid: keyHint(publicKey),
    leaf: leafForm(publicKey),
  };
}

/** `hashedRekordText` with the key's part, the longest, written once. Digest and signature in base64. */
export function leafTemplate(publicKey: Uint8Array): (digest: string, signature: string) => string {
  const form = leafForm(publicKey);
  return (digest, signature) => leafText(form, digest, signature);
}

function leafForm(publicKey: Uint8Array): SignatureForm['leaf'] {
  const slots = { digest: new Uint8Array(3), signature: new Uint8Array(3).fill(255) };
  const [head = '', middle = '', tail = ''] = hashedRekordText({ ...slots, publicKey }).split(
    /"AAAA"|"\/\/\/\/"/,
  );
  return [head, middle, tail];
}
