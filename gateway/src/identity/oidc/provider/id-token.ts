/**
 * What an ID token must be before a word of it is believed (OpenID Connect Core 3.1.3.7, RFC 8725), in one screen: small
 * enough, read strictly, signed asymmetrically by a published key, from this issuer, for this client, for this sign-in,
 * at this time. `openid-client` checks most of it again; two readings must agree.
 */
import type { JsonObject } from '@countersign/core';
import { compactVerify } from 'jose';
import { ALGORITHMS } from '../../../config/workload.ts';
import { type FailureReason, SignInFailure } from '../failure.ts';
import { strictObject } from './fetch.ts';
import type { Keys } from './keys.ts';

export const ID_TOKEN_BYTES_MAX = 16_384;
/** Clocks may differ by so much, no more. */
export const CLOCK_TOLERANCE_MS = 60_000;

export type Wanted = {
  readonly issuer: string;
  readonly client_id: string;
  readonly keys: Keys;
  readonly now: () => number;
  /** Of the sign-in; a refreshed token carries none, or the first one's. */
  readonly nonce?: string;
  /** Of a session that is refreshed. */
  readonly sub?: string;
};

/** @throws SignInFailure saying which of it does not hold */
export async function verifyIdToken(token: string, wanted: Wanted): Promise<JsonObject> {
  if (token.length > ID_TOKEN_BYTES_MAX) throw new SignInFailure('oversized');
  const [head = '', body = '', signature, ...more] = token.split('.');
  if (signature === undefined || more.length > 0) throw new SignInFailure('malformed');
  const { alg } = strictObject(decoded(head));
  if (typeof alg !== 'string') throw new SignInFailure('malformed');
  if (alg.toLowerCase() === 'none') throw new SignInFailure('alg_none');
  if (!ALGORITHMS.some((known) => known === alg)) throw new SignInFailure('alg_refused');
  const claims = strictObject(decoded(body));
  await verifySignature(token, wanted.keys);
  const fault = faultIn(claims, wanted);
  if (fault !== undefined) throw new SignInFailure(fault);
  return claims;
}

async function verifySignature(token: string, keys: Keys): Promise<void> {
  try {
    await compactVerify(token, keys, { algorithms: [...ALGORITHMS] });
  } catch (cause) {
    throw cause instanceof SignInFailure ? cause : new SignInFailure('bad_signature', { cause });
  }
}

function faultIn(
  claims: JsonObject,
  { issuer, client_id, now, nonce, sub }: Wanted,
): FailureReason | undefined {
  if (claims['iss'] !== issuer) return 'wrong_issuer';
  const audience = Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']];
  // Another audience beside this client is one nobody here has said to trust.
  if (audience.length !== 1 || audience[0] !== client_id) return 'wrong_audience';
  if (claims['azp'] !== undefined && claims['azp'] !== client_id) return 'wrong_audience';
  const said = claims['sub'];
  if (typeof said !== 'string' || said === '' || said.length > SUB_CHARACTERS_MAX) return 'malformed';
  if (sub !== undefined && said !== sub) return 'wrong_subject';
  if (nonce !== undefined && claims['nonce'] !== nonce) return 'wrong_nonce';
  const { exp, iat, nbf = 0 } = claims;
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof nbf !== 'number') return 'malformed';
  if (exp * 1000 <= now() - CLOCK_TOLERANCE_MS) return 'expired';
  return Math.max(iat, nbf) * 1000 > now() + CLOCK_TOLERANCE_MS ? 'not_yet_valid' : undefined;
}

/** OpenID Connect Core 2: at most 255 ASCII characters. */
const SUB_CHARACTERS_MAX = 255;

function decoded(part: string): string {
  if (!/^[A-Za-z0-9_-]*$/.test(part)) throw new SignInFailure('malformed');
  return Buffer.from(part, 'base64url').toString('utf8');
}
