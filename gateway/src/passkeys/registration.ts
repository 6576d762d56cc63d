/** Reads what an authenticator says of a key it made. Attestation is not asked for: a second person vouches instead. */
import { createPublicKey } from 'node:crypto';
import { decodeBase64Url, EncodingError, JsonError, member, parseJson } from '@countersign/core';
import { ALGORITHMS, type AlgorithmName, algorithmName } from './passkeys.ts';
import { readPublicKey, spkiBase64 } from './public-key.ts';

/** As a browser hands it over (WebAuthn Level 3 `RegistrationResponseJSON`), what of it is used. All base64url. */
export type Registration = {
  readonly credential_id: string;
  readonly client_data: string;
  readonly attestation_object: string;
  readonly transports: readonly string[];
};

export type NewKey = {
  readonly credential_id: string;
  readonly algorithm: AlgorithmName;
  /** SubjectPublicKeyInfo, base64. */
  readonly public_key: string;
  readonly sign_count: number;
  /** It may be on several devices of its owner. */
  readonly backed_up: boolean;
};

/** Credential ids are at most this long (WebAuthn Level 3 §4). */
const CREDENTIAL_BYTES_MAX = 1023;

/** The challenge an answer says it answers; undefined when it says none. Trusted for nothing but finding the challenge. */
export function challengeNamed(client_data: string): string | undefined {
  try {
    const data = parseJson(decodeBase64Url(client_data));
    const named = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {};
    const challenge = member(named as Parameters<typeof member>[0], 'challenge');
    return typeof challenge === 'string' ? challenge : undefined;
  } catch (error) {
    if (error instanceof EncodingError || error instanceof JsonError) return undefined;
    throw error;
  }
}

type Wanted = { readonly challenge: string; readonly origin: string; readonly rp_id: string };

/** The key, or why it is not taken. */
export async function readRegistration(registration: Registration, wanted: Wanted): Promise<NewKey | string> {
  // Loaded when the first key is enrolled: a gateway whose people have none never needs it.
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const { cose, decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers');
  const { credential_id, client_data, attestation_object } = registration;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: credential_id,
        rawId: credential_id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: client_data, attestationObject: attestation_object },
      },
      expectedChallenge: wanted.challenge,
      expectedOrigin: wanted.origin,
      expectedRPID: wanted.rp_id,
      expectedType: 'webauthn.create',
      requireUserVerification: true,
      supportedAlgorithmIDs: Object.values(ALGORITHMS),
    });
    if (!verified) return 'the authenticator’s answer does not hold';
    const { credential, credentialBackedUp } = registrationInfo;
    if (decodeBase64Url(credential.id).length > CREDENTIAL_BYTES_MAX) return 'its id is too long';
    const decoded = decodeCredentialPublicKey(credential.publicKey);
    const algorithm = algorithmName(decoded.get(cose.COSEKEYS.alg) ?? 0);
    const jwk = algorithm === undefined ? undefined : jwkOf(decoded, cose);
    if (algorithm === undefined || jwk === undefined) return 'its kind of key is not taken here';
    const public_key = spkiBase64(createPublicKey({ key: jwk, format: 'jwk' }));
    if (readPublicKey(public_key, algorithm) === undefined)
      return 'its key is not taken here: too weak, or of another curve';
    const { id, counter } = credential;
    return { credential_id: id, algorithm, public_key, sign_count: counter, backed_up: credentialBackedUp };
  } catch (error) {
    // The library's words name what did not fit; values are its own, bounded, and go to the person who sent them.
    return error instanceof Error ? error.message.slice(0, 200) : 'the authenticator’s answer cannot be read';
  }
}

type Helpers = typeof import('@simplewebauthn/server/helpers');
type Decoded = ReturnType<Helpers['decodeCredentialPublicKey']>;

function jwkOf(key: Decoded, cose: Helpers['cose']): JsonWebKey | undefined {
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url');
  if (cose.isCOSEPublicKeyEC2(key)) {
    const [x, y] = [key.get(cose.COSEKEYS.x), key.get(cose.COSEKEYS.y)];
    return { kty: 'EC', crv: 'P-256', x: text(x), y: text(y) };
  }
  if (cose.isCOSEPublicKeyOKP(key)) return { kty: 'OKP', crv: 'Ed25519', x: text(key.get(cose.COSEKEYS.x)) };
  if (cose.isCOSEPublicKeyRSA(key))
    return { kty: 'RSA', n: text(key.get(cose.COSEKEYS.n)), e: text(key.get(cose.COSEKEYS.e)) };
  return undefined;
}
