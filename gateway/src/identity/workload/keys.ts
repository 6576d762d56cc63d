/**
 * An issuer's keys: held, fetched again in the background, never on the way of a call whose key is known. An unknown key
 * asks for one fetch, at most every {@link COOLDOWN_MS}, however many tokens name it. Keys nobody could confirm for
 * {@link STALE_MAX_MS} are no keys (I14).
 */
import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '@countersign/core';
import type { CryptoKey, JWK } from 'jose';
import { importJWK } from 'jose/key/import';
import { refusal } from './refusal.ts';

export const REFRESH_MS = 10 * 60_000;
export const COOLDOWN_MS = 30_000;
export const STALE_MAX_MS = 4 * 3_600_000;
const KEYS_MAX = 100;

type Key = {
  readonly jwk: JsonObject;
  /** The key itself, whatever it is called. */
  readonly material: string;
  readonly ready: Map<string, Promise<CryptoKey>>;
};
/** A key to verify with, and what it is. */
export type Found = { readonly key: CryptoKey; readonly material: string };
type Held = { readonly keys: ReadonlyMap<string, readonly Key[]>; readonly confirmed_at: number };

export type KeysLog = {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
};

export type KeySource = {
  /** The JWKS as its source has it now. Rejects when it cannot be had. */
  read(): Promise<string | Uint8Array>;
};

export type KeysOptions = {
  readonly issuer: string;
  readonly source: KeySource;
  readonly now: () => number;
  readonly log: KeysLog;
};

export class IssuerKeys {
  readonly #options: KeysOptions;
  #held: Held | undefined;
  #asked_at = Number.NEGATIVE_INFINITY;
  #under_way: Promise<void> | undefined;

  constructor(options: KeysOptions) {
    this.#options = options;
  }

  /** The key to verify with. @throws WorkloadRefusal */
  async find(kid: string, alg: string): Promise<Found> {
    let found = this.#fresh()?.keys.get(kid);
    if (found === undefined) {
      await this.refresh();
      found = this.#fresh()?.keys.get(kid);
    }
    const { issuer } = this.#options;
    if (this.#fresh() === undefined) throw refusal('keys_unavailable', issuer);
    if (found === undefined) throw refusal('unknown_key', issuer);
    const [fit, ...more] = found.filter(({ jwk }) => isFor(jwk, alg));
    if (fit === undefined || more.length > 0) throw refusal('key_unfit', issuer);
    const ready = fit.ready.get(alg) ?? importKey(fit.jwk, alg);
    fit.ready.set(alg, ready);
    try {
      return { key: await ready, material: fit.material };
    } catch {
      // What the key is not, jose says by throwing; that it is no key for this is all there is to know.
      throw refusal('key_unfit', issuer);
    }
  }

  /** Still published, as far as is known: a token it signed stands only while it is. Another key under its name is not it. */
  has(kid: string, material: string): boolean {
    return (
      this.#fresh()
        ?.keys.get(kid)
        ?.some((key) => key.material === material) === true
    );
  }

  /** Fetches, one at a time and not again within the cooldown. Never rejects: what is held stays, while it is fresh. */
  refresh(): Promise<void> {
    const now = this.#options.now();
    if (this.#under_way !== undefined) return this.#under_way;
    if (now - this.#asked_at < COOLDOWN_MS) return Promise.resolve();
    this.#asked_at = now;
    this.#under_way = this.#fetch().finally(() => {
      this.#under_way = undefined;
    });
    return this.#under_way;
  }

  /** For a timer: fetches when it is time. */
  async refreshIfDue(): Promise<void> {
    const { now } = this.#options;
    if (this.#held === undefined || now() - this.#held.confirmed_at >= REFRESH_MS) await this.refresh();
  }

  #fresh(): Held | undefined {
    const held = this.#held;
    return held !== undefined && this.#options.now() - held.confirmed_at < STALE_MAX_MS ? held : undefined;
  }

  async #fetch(): Promise<void> {
    const { source, issuer, log, now } = this.#options;
    try {
      const keys = readKeys(await source.read(), (why) => log.warn({ issuer, why }, 'a key is not used'));
      const kept = sameKeys(this.#held?.keys, keys);
      this.#held = { keys: kept ?? keys, confirmed_at: now() };
      if (kept === undefined) log.info({ issuer, keys: [...keys.keys()] }, 'keys of an issuer taken up');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn({ issuer, why }, 'keys of an issuer could not be had; those known stay a while');
    }
  }
}

const materialOf = ({ kty, crv, x, y, n, e }: JsonObject): string =>
  JSON.stringify([kty, crv ?? null, x ?? null, y ?? null, n ?? null, e ?? null]);

/** Imported keys are kept while the set is the same. */
function sameKeys(held: Held['keys'] | undefined, keys: Held['keys']): Held['keys'] | undefined {
  const text = (set: Held['keys']): string =>
    JSON.stringify([...set].map(([kid, all]) => [kid, all.map(({ jwk }) => jwk)]));
  return held !== undefined && text(held) === text(keys) ? held : undefined;
}

/** @throws Error that says what is wrong with the set */
export function readKeys(
  bytes: string | Uint8Array,
  skipped: (why: string) => void = () => undefined,
): ReadonlyMap<string, readonly Key[]> {
  const set = strictly(bytes);
  const listed: Json | undefined = isJsonObject(set) ? set['keys'] : undefined;
  if (!Array.isArray(listed)) throw new Error('not a JWKS: there is no list `keys`');
  if (listed.length > KEYS_MAX) throw new Error(`a JWKS has at most ${KEYS_MAX} keys`);
  const keys = new Map<string, Key[]>();
  for (const jwk of listed as readonly Json[]) {
    const why = isJsonObject(jwk) ? unusable(jwk) : 'it is not an object';
    if (why !== undefined || !isJsonObject(jwk)) {
      if (why !== undefined && why !== '') skipped(why);
      continue;
    }
    const kid = String(jwk['kid']);
    keys.set(kid, [...(keys.get(kid) ?? []), { jwk, material: materialOf(jwk), ready: new Map() }]);
  }
  return keys;
}

function strictly(bytes: string | Uint8Array): Json {
  try {
    return parseJson(bytes, { depth_max: 16 });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Error(`not a JWKS: ${error.code}`, { cause: error });
  }
}

/** Undefined: it may verify. Empty: it is for something else, which is nothing to complain about. */
function unusable(jwk: JsonObject): string | undefined {
  const { kid, kty, use, key_ops } = jwk;
  if (use !== undefined && use !== 'sig' && use !== 'jwt-svid') return '';
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes('verify'))) return '';
  if (typeof kid !== 'string' || kid === '') return 'it has no kid';
  if (kty === 'oct' || jwk['k'] !== undefined) return `${kid}: it is a symmetric key`;
  if (jwk['d'] !== undefined) return `${kid}: it has its private part in it, so whoever may read it can sign`;
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return `${kid}: its kty is not known here`;
  return undefined;
}

const CURVES: { readonly [alg: string]: string } = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
};

function isFor(jwk: JsonObject, alg: string): boolean {
  if (jwk['alg'] !== undefined && jwk['alg'] !== alg) return false;
  const curve = CURVES[alg];
  if (curve === undefined) return jwk['kty'] === 'RSA';
  return jwk['crv'] === curve && jwk['kty'] === (curve === 'Ed25519' ? 'OKP' : 'EC');
}

async function importKey(jwk: JsonObject, alg: string): Promise<CryptoKey> {
  const key = await importJWK(jwk as JWK, alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
  return key;
}
