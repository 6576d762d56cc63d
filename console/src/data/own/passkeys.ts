/**
 * Making a passkey in this browser. The private key never leaves its authenticator; what goes to the gateway is the
 * public one.
 */
import { decodeBase64Url, encodeBase64Url } from '@countersign/core';
import type { EnrolOptions, Passkey } from '@countersign/sdk';
import { gate } from '../gate.ts';

/** Can this browser, on this page, use passkeys at all? It takes HTTPS, or localhost. */
export const canUsePasskeys = (): boolean => window.isSecureContext && 'PublicKeyCredential' in window;

export async function makePasskey(name: string): Promise<Passkey> {
  const options = await gate.passkeys.askEnrol();
  const made = await navigator.credentials.create({ publicKey: creation(options) });
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse))
    throw new Error('The browser made no passkey.');
  const { clientDataJSON, attestationObject } = made.response;
  return gate.passkeys.enrol({
    name,
    credential_id: text(made.rawId),
    client_data: text(clientDataJSON),
    attestation_object: text(attestationObject),
    transports: made.response.getTransports(),
  });
}

const text = (bytes: ArrayBuffer): string => encodeBase64Url(new Uint8Array(bytes));
const bytes = (given: string): Uint8Array<ArrayBuffer> => new Uint8Array(decodeBase64Url(given));

const creation = ({
  challenge,
  user,
  excludeCredentials,
  pubKeyCredParams,
  rp,
  ...rest
}: EnrolOptions): PublicKeyCredentialCreationOptions => ({
  ...rest,
  rp: { ...rp },
  challenge: bytes(challenge),
  user: { ...user, id: bytes(user.id) },
  pubKeyCredParams: [...pubKeyCredParams],
  excludeCredentials: excludeCredentials.map(({ type, id }) => ({ type, id: bytes(id) })),
});
