/**
 * Workload tokens: agents without standing secrets. Their platform signs a short-lived token (GitHub Actions, Kubernetes,
 * SPIFFE, any issuer with published keys); rules of the configuration say which agent its claims make. This folder must
 * never fall back: what it cannot verify is nobody, and says only to the operator why.
 *
 * This file: a token read apart, strictly, before anything is believed. A member said twice is refused here, so that no
 * two readers of one token can disagree about it (A6).
 */
import { decodeBase64Url, EncodingError, JsonError, type JsonObject, parseJson } from '@countersign/core';
import { type RefusalCode, refusal } from './refusal.ts';

export const TOKEN_BYTES_MAX = 16_384;
const DEPTH_MAX = 16;

export type Unverified = {
  readonly text: string;
  readonly alg: string;
  readonly kid: string;
  readonly claims: JsonObject;
};

const SYMMETRIC = /^(HS|A\d|dir$|PBES)/;
/** Access tokens, ID tokens, JWT-SVIDs; not a logout token, a DPoP proof or a security event. */
const TYPES = new Set(['jwt', 'jose', 'at+jwt', 'application/at+jwt']);

/** @throws WorkloadRefusal */
export function readToken(text: string): Unverified {
  if (text.length > TOKEN_BYTES_MAX) throw refusal('oversized');
  const [head, payload, signature, ...more] = text.split('.');
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0)
    throw refusal('malformed');
  const header = partOf(head);
  const { alg, kid, typ, crit } = header;
  if (typeof alg !== 'string' || alg.toLowerCase() === 'none' || signature === '')
    throw refusal('not_signed');
  if (SYMMETRIC.test(alg)) throw refusal('symmetric_algorithm');
  if (crit !== undefined || header['b64'] !== undefined) throw refusal('critical_header');
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase())))
    throw refusal('wrong_type');
  if (typeof kid !== 'string' || kid === '' || kid.length > 512) throw refusal('no_key_id');
  // One token, one text: what is not read here is still not written in two ways.
  bytesOf(signature);
  return { text, alg, kid, claims: partOf(payload) };
}

/** @throws WorkloadRefusal */
export function partOf(encoded: string): JsonObject {
  const bytes = bytesOf(encoded);
  try {
    const value = parseJson(bytes, { depth_max: DEPTH_MAX, bytes_max: TOKEN_BYTES_MAX });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw refusal(doubled(error));
  }
  throw refusal('malformed');
}

function bytesOf(encoded: string): Uint8Array {
  try {
    return decodeBase64Url(encoded);
  } catch (error) {
    if (error instanceof EncodingError) throw refusal('malformed');
    throw error;
  }
}

const doubled = ({ code }: JsonError): RefusalCode =>
  code === 'duplicate-key' ? 'duplicate_member' : 'malformed';
