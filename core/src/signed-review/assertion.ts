/**
 * WebAuthn Level 3 §7.2: what an authenticator gave back, checked but for the signature itself, which needs the key's
 * algorithm. Returns exactly the bytes that signature must be over.
 */
import { sha256 } from '#sha256';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64.ts';
import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import { EncodingError } from '../encoding/error.ts';
import { encodeUtf8 } from '../encoding/utf8.ts';
import { JsonError } from '../json/error.ts';
import { parseJson } from '../json/parse.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';

/** Verbatim, as bytes: a signature is over the very text the browser wrote. */
export type Assertion = {
  readonly client_data: Uint8Array;
  readonly authenticator_data: Uint8Array;
  readonly signature: Uint8Array;
};

export type AssertionWant = {
  readonly challenge: Uint8Array;
  /** Exactly one of these: the gateway's own, or those it lists as related (WebAuthn Level 3 §5.11). */
  readonly origins: readonly string[];
  readonly rp_id: string;
};

export const ASSERTION_FAULTS = {
  too_large: 'it is larger than any authenticator makes',
  client_data: 'its client data is not one JSON object',
  type: 'it is not the answer to a sign-in with a passkey (webauthn.get)',
  challenge: 'it signs something else',
  origin: 'it was made for another site',
  cross_origin: 'it was made inside a page of another site',
  authenticator_data: 'its authenticator data is malformed',
  rp_id: 'it was made for another site’s keys',
  user_presence: 'nobody touched the authenticator',
  user_verification: 'the authenticator did not verify who touched it (PIN, fingerprint or face)',
} as const;
export type AssertionFault = keyof typeof ASSERTION_FAULTS;

export type AssertionRead =
  | {
      readonly ok: true;
      /** What `signature` must be over. */
      readonly signed: Uint8Array<ArrayBuffer>;
      readonly sign_count: number;
      /** Where it was made: one of those wanted. */
      readonly origin: string;
    }
  | { readonly ok: false; readonly why: AssertionFault };

export const CLIENT_DATA_BYTES_MAX = 4096;
export const AUTHENTICATOR_DATA_BYTES_MAX = 1024;
/** RSA of 4096 bits, the largest key taken. */
export const SIGNATURE_BYTES_MAX = 512;

/** RP id hash, flags, counter. */
const FIXED_BYTES = 37;
const FLAG = {
  present: 0x01,
  verified: 0x04,
  eligible: 0x08,
  backed_up: 0x10,
  attested: 0x40,
  extended: 0x80,
};

export function readAssertion(assertion: Assertion, want: AssertionWant): AssertionRead {
  const { client_data, authenticator_data, signature } = assertion;
  if (
    client_data.length > CLIENT_DATA_BYTES_MAX ||
    authenticator_data.length > AUTHENTICATOR_DATA_BYTES_MAX ||
    signature.length > SIGNATURE_BYTES_MAX
  )
    return no('too_large');
  const made = clientDataOf(client_data, want);
  if ('fault' in made) return no(made.fault);
  const fault = authenticatorFault(authenticator_data, want.rp_id);
  if (fault !== undefined) return no(fault);
  const view = new DataView(authenticator_data.buffer, authenticator_data.byteOffset);
  return {
    ok: true,
    signed: concatBytes(authenticator_data, sha256(client_data)),
    sign_count: view.getUint32(33),
    origin: made.origin,
  };
}

const no = (why: AssertionFault): AssertionRead => ({ ok: false, why });

function clientDataOf(
  bytes: Uint8Array,
  { challenge, origins }: AssertionWant,
): { readonly origin: string } | { readonly fault: AssertionFault } {
  const data = readClientData(bytes);
  if (data === undefined) return { fault: 'client_data' };
  if (data['type'] !== 'webauthn.get') return { fault: 'type' };
  if (data['challenge'] !== encodeBase64Url(challenge)) return { fault: 'challenge' };
  const origin = origins.find((each) => each === data['origin']);
  if (origin === undefined) return { fault: 'origin' };
  const embedded = data['crossOrigin'] !== undefined && data['crossOrigin'] !== false;
  return embedded || data['topOrigin'] !== undefined ? { fault: 'cross_origin' } : { origin };
}

/** Strictly: of two members of one name a lenient reader would take either (A6). */
function readClientData(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(bytes);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function authenticatorFault(data: Uint8Array, rp_id: string): AssertionFault | undefined {
  const flags = data[32] ?? 0;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (data.length < FIXED_BYTES || has(FLAG.attested)) return 'authenticator_data';
  if (has(FLAG.extended) !== data.length > FIXED_BYTES) return 'authenticator_data';
  if (has(FLAG.backed_up) && !has(FLAG.eligible)) return 'authenticator_data';
  if (!equalBytes(data.subarray(0, 32), sha256(encodeUtf8(rp_id)))) return 'rp_id';
  if (!has(FLAG.present)) return 'user_presence';
  return has(FLAG.verified) ? undefined : 'user_verification';
}

/** An assertion as it is stored, sent and logged. */
export type AssertionText = {
  readonly client_data: string;
  readonly authenticator_data: string;
  readonly signature: string;
};

/** Undefined when a part is not base64url. */
export function decodeAssertion(text: AssertionText): Assertion | undefined {
  try {
    return {
      client_data: decodeBase64Url(text.client_data),
      authenticator_data: decodeBase64Url(text.authenticator_data),
      signature: decodeBase64Url(text.signature),
    };
  } catch (error) {
    if (error instanceof EncodingError) return undefined;
    throw error;
  }
}
