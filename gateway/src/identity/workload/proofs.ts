/**
 * Proofs of possession (DPoP, RFC 9449): a token bound to a key is worth nothing without a signature of that key over
 * this very request, made just now and never seen before. What was seen is remembered for as long as it could be shown
 * again; a proof that cannot be remembered is not taken (I15).
 */
import { hash } from 'node:crypto';
import type { JsonObject } from '@countersign/core';
import { isJsonObject } from '@countersign/core';
import type { JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { compactVerify } from 'jose/jws/compact/verify';
import { importJWK } from 'jose/key/import';
import { type RefusalCode, refusal } from './refusal.ts';
import { partOf } from './token.ts';
import type { Admitted } from './tokens.ts';

export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'] as const;
const ALGORITHMS: ReadonlySet<string> = new Set(PROOF_ALGORITHMS);
export const PROOF_WINDOW_MS = 60_000;
const PROOF_CHARACTERS_MAX = 8_192;
const SEEN = { all: 100_000, agent: 25_000 };

/** What a proof must be of. */
export type Proven = {
  readonly scheme: 'bearer' | 'dpop';
  readonly proof?: string;
  readonly method: string;
  readonly url: string;
};

export type Proofs = {
  /** @throws WorkloadRefusal */
  check(admitted: Admitted, shown: Proven | undefined): Promise<void>;
};

/** `most`: proofs remembered at once, of all and of one agent: one that floods fills its own share (A21). */
export function createProofs(now: () => number, most = SEEN): Proofs {
  // What was seen before this process is forgotten: proofs as old as that are not taken.
  const since_s = Math.floor(now() / 1000);
  /** By the digest of key and `jti`: until when it could be shown again. Oldest first. */
  const seen = new Map<string, { readonly until: number; readonly agent: string }>();
  const shares = new Map<string, number>();
  const count = (agent: string, more: number): void => {
    const held = (shares.get(agent) ?? 0) + more;
    if (held === 0) shares.delete(agent);
    else shares.set(agent, held);
  };
  const remember = (id: string, agent: string, at: number): RefusalCode | undefined => {
    for (const [old, { until, agent: whose }] of seen) {
      if (until >= at) break;
      seen.delete(old);
      count(whose, -1);
    }
    if (seen.has(id)) return 'proof_replayed';
    if (seen.size >= most.all || (shares.get(agent) ?? 0) >= most.agent) return 'proofs_full';
    seen.set(id, { until: at + 2 * PROOF_WINDOW_MS, agent });
    count(agent, 1);
    return undefined;
  };

  return {
    async check({ verified, principal, digest }, shown) {
      const { jkt, issuer } = verified;
      const no = (code: RefusalCode) => refusal(code, issuer.config.issuer);
      if (jkt === undefined) {
        // Said to be bound, and bound to nothing: whoever stole it could say so too (RFC 9449 §7.1).
        if (issuer.config.dpop === 'required' || shown?.scheme === 'dpop') throw no('proof_missing');
        return;
      }
      if (shown?.scheme !== 'dpop' || shown.proof === undefined) throw no('proof_missing');
      const said = await readProof(shown.proof, jkt).catch(() => undefined);
      const at = now();
      if (said === undefined || !isOf(said, shown, digest) || !isRecent(said['iat'], at, since_s))
        throw no('proof_wrong');
      const id = hash('sha256', `${jkt}\n${String(said['jti'])}`, 'base64url');
      const replayed = remember(id, principal.agent, at);
      if (replayed !== undefined) throw no(replayed);
    },
  };
}

/** The proof's claims, signed by the key the token is bound to. Rejects for anything else. */
async function readProof(proof: string, jkt: string): Promise<JsonObject> {
  const [head = '', payload = '', signature, ...more] = proof.split('.');
  if (proof.length > PROOF_CHARACTERS_MAX || signature === undefined || more.length > 0)
    throw new TypeError('not a proof');
  const { typ, alg, jwk, crit } = partOf(head);
  if (typ !== 'dpop+jwt' || typeof alg !== 'string' || !ALGORITHMS.has(alg) || crit !== undefined)
    throw new TypeError('not a proof');
  // A private key in it is everybody's by now.
  if (!isJsonObject(jwk) || Object.hasOwn(jwk, 'd') || Object.hasOwn(jwk, 'k'))
    throw new TypeError('not a proof');
  if ((await calculateJwkThumbprint(jwk as JWK, 'sha256')) !== jkt) throw new TypeError('another key');
  const key = await importJWK(jwk as JWK, alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
  await compactVerify(proof, key, { algorithms: [alg] });
  return partOf(payload);
}

function isOf({ htm, htu, ath, jti }: JsonObject, { method, url }: Proven, digest: string): boolean {
  return (
    htm === method &&
    typeof htu === 'string' &&
    URL.parse(htu.replace(/[?#].*$/s, ''))?.href === URL.parse(url)?.href &&
    ath === digest &&
    typeof jti === 'string' &&
    jti.length >= 8 &&
    jti.length <= 256
  );
}

const isRecent = (iat: JsonObject[string] | undefined, now: number, since_s: number): boolean =>
  typeof iat === 'number' && Math.abs(now - iat * 1000) <= PROOF_WINDOW_MS && iat >= since_s;
