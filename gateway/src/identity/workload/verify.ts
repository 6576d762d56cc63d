/** One token, verified. The order of checks; each failure has a code of its own for the operator. */
import type { Json, JsonObject } from '@countersign/core';
import * as errors from 'jose/errors';
import { compactVerify } from 'jose/jws/compact/verify';
import type { IssuerKeys } from './keys.ts';
import { type RefusalCode, refusal, WorkloadRefusal } from './refusal.ts';
import type { Issuer, Workloads } from './rules.ts';
import { readToken } from './token.ts';

export type Verified = {
  readonly issuer: Issuer;
  readonly kid: string;
  /** The key that signed it: a name may be given to another. */
  readonly key: string;
  readonly claims: JsonObject;
  /** Unix milliseconds; from then on it is no token. */
  readonly until: number;
  /** Where it is good: everywhere, or at these resources only (RFC 8707). */
  readonly resources: 'all' | ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** Thumbprint of the key it is bound to (RFC 9449). */
  readonly jkt: string | undefined;
};

export type Verifying = {
  readonly workloads: Workloads;
  readonly keysOf: (issuer: Issuer) => IssuerKeys;
  readonly now: number;
  /** Resources of this gateway a token may be for, besides the issuer's audiences: they begin so. */
  readonly mounts: string;
};

/** @throws WorkloadRefusal */
export async function verifyToken(
  text: string,
  { workloads, keysOf, now, mounts }: Verifying,
): Promise<Verified> {
  const { alg, kid, claims } = readToken(text);
  const issuer = workloads.issuerOf(claims);
  if (issuer === undefined) throw refusal('unknown_issuer');
  const name = issuer.config.issuer;
  if (!issuer.algorithms.has(alg)) throw refusal('algorithm_not_allowed', name);
  const { key, material } = await keysOf(issuer).find(kid, alg);
  try {
    await compactVerify(text, key, { algorithms: [alg] });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) throw refusal('wrong_signature', name);
    // Whatever else jose finds wrong with it, or with the key for it.
    throw new WorkloadRefusal(error instanceof errors.JOSEError ? 'malformed' : 'key_unfit', name, error);
  }
  const times = timesOf(claims, issuer, now);
  if (typeof times === 'string') throw refusal(times, name);
  const resources = resourcesOf(claims['aud'], issuer, mounts);
  if (resources === undefined) throw refusal('wrong_audience', name);
  const jkt = boundTo(claims['cnf']);
  if (jkt === 'unknown') throw refusal('unknown_binding', name);
  return { issuer, kid, key: material, claims, until: times.until, resources, scopes: scopesOf(claims), jkt };
}

/** A time in seconds (RFC 7519 NumericDate), within what milliseconds can say. */
const isTime = (value: Json | undefined): value is number =>
  typeof value === 'number' && value >= 0 && value < 1e11;

function timesOf(
  { exp, nbf, iat }: JsonObject,
  { skew_ms, lifetime_max_ms }: Issuer,
  now: number,
): { readonly until: number } | RefusalCode {
  if (!isTime(exp) || !(nbf === undefined || isTime(nbf)) || !(iat === undefined || isTime(iat)))
    return 'no_times';
  const until = exp * 1000 + skew_ms;
  if (now >= until) return 'expired';
  if (nbf !== undefined && nbf * 1000 - skew_ms > now) return 'not_yet_valid';
  if (iat !== undefined && iat * 1000 - skew_ms > now) return 'issued_in_future';
  // Without `iat` a token may at least not outlive now by more than any may live.
  const born = iat === undefined ? now : iat * 1000;
  return exp * 1000 - born > lifetime_max_ms + skew_ms ? 'lives_too_long' : { until };
}

function resourcesOf(
  aud: Json | undefined,
  { audiences }: Issuer,
  mounts: string,
): Verified['resources'] | undefined {
  const named = (Array.isArray(aud) ? (aud as readonly Json[]) : [aud]).filter(
    (each): each is string => typeof each === 'string',
  );
  if (named.some((each) => audiences.has(each))) return 'all';
  const own = named.filter((each) => each.startsWith(mounts));
  return own.length === 0 ? undefined : new Set(own);
}

/** `scope` (RFC 8693 §4.2), or the lists some issuers write instead. */
function scopesOf({ scope, scp }: JsonObject): ReadonlySet<string> {
  const said = scope ?? scp;
  const list =
    typeof said === 'string' ? said.split(' ') : Array.isArray(said) ? (said as readonly Json[]) : [];
  return new Set(list.filter((each): each is string => typeof each === 'string' && each !== ''));
}

function boundTo(cnf: Json | undefined): string | undefined {
  if (cnf === undefined) return undefined;
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return 'unknown';
  const { jkt, ...others } = cnf as JsonObject;
  const isThumbprint = typeof jkt === 'string' && /^[A-Za-z0-9_-]{43}$/.test(jkt);
  return isThumbprint && Object.keys(others).length === 0 ? jkt : 'unknown';
}
