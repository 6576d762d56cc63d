/**
 * The keys Bot Framework signs with, each with the channels it is endorsed for. Held for a day at most; a key nobody knows
 * asks for one fetch, at most every {@link COOLDOWN_MS}, however many tokens name it. No keys: nothing is believed (I14).
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import type { Cloud } from '../clouds.ts';
import type { Http } from './http.ts';

const REFRESH_MS = 24 * 3_600_000;
const STALE_MAX_MS = 5 * 24 * 3_600_000;
const COOLDOWN_MS = 60_000;
const KEYS_MAX = 100;

export type BotKey = { readonly key: CryptoKey; readonly endorsements: readonly string[] };
/** `unavailable`: nobody can say now; another attempt may find it. */
export type KeyFound = BotKey | 'unknown' | 'unavailable';

export type BotKeysOptions = {
  readonly cloud: Cloud;
  readonly http: Http;
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
};

export class BotKeys {
  readonly #options: BotKeysOptions;
  #held: { readonly keys: ReadonlyMap<string, BotKey>; readonly at: number } | undefined;
  #asked_at = Number.NEGATIVE_INFINITY;
  #under_way: Promise<void> | undefined;

  constructor(options: BotKeysOptions) {
    this.#options = options;
  }

  /** Fetches them before anybody asks; whether there are any to verify with. Never rejects. */
  async warm(): Promise<boolean> {
    if (this.#fresh(STALE_MAX_MS) === undefined) await this.#refresh();
    return this.#fresh(STALE_MAX_MS) !== undefined;
  }

  async find(kid: string): Promise<KeyFound> {
    const known = this.#fresh(REFRESH_MS)?.get(kid);
    if (known !== undefined) return known;
    await this.#refresh();
    const keys = this.#fresh(STALE_MAX_MS);
    return keys === undefined ? 'unavailable' : (keys.get(kid) ?? 'unknown');
  }

  #fresh(ms: number): ReadonlyMap<string, BotKey> | undefined {
    const held = this.#held;
    return held !== undefined && this.#options.now() - held.at < ms ? held.keys : undefined;
  }

  async #refresh(): Promise<void> {
    const now = this.#options.now();
    if (this.#under_way === undefined) {
      if (now - this.#asked_at < COOLDOWN_MS) return;
      this.#asked_at = now;
      this.#under_way = this.#fetch().finally(() => {
        this.#under_way = undefined;
      });
    }
    await this.#under_way;
  }

  async #fetch(): Promise<void> {
    const { cloud, http, log, now } = this.#options;
    try {
      const document = await got(http, cloud.openid);
      const { issuer, jwks_uri, id_token_signing_alg_values_supported: algs } = document;
      if (issuer !== cloud.issuer) throw new Error(`${cloud.openid} speaks for another issuer`);
      if (!Array.isArray(algs) || !algs.includes('RS256'))
        throw new Error(`${cloud.openid} does not name RS256`);
      const place = typeof jwks_uri === 'string' ? URL.parse(jwks_uri) : null;
      if (place === null || place.origin !== new URL(cloud.openid).origin)
        throw new Error(`${cloud.openid} names keys of another place`);
      this.#held = { keys: await readKeys(await got(http, place.href)), at: now() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn({ why }, 'teams: keys of Bot Framework could not be had; those known stay a while');
      // The first fetch decides whether anything can be answered at all: the next token asks again at once.
      if (this.#held === undefined) this.#asked_at = now() - COOLDOWN_MS + 2_000;
    }
  }
}

async function got(http: Http, url: string): Promise<JsonObject> {
  const { status, json } = await http.ask(url, { method: 'GET', headers: {} });
  if (status !== 200 || json === undefined || !isJsonObject(json))
    throw new Error(`${url} answered ${status}`);
  return json;
}

async function readKeys(set: JsonObject): Promise<ReadonlyMap<string, BotKey>> {
  const listed = set['keys'];
  if (!Array.isArray(listed) || listed.length > KEYS_MAX) throw new Error('no list of keys');
  const found = new Map<string, BotKey>();
  for (const each of listed as readonly Json[]) {
    if (!isJsonObject(each)) continue;
    const { kid, kty, use, endorsements } = each;
    if (typeof kid !== 'string' || kty !== 'RSA' || (use !== undefined && use !== 'sig')) continue;
    const key = await importJWK(each as JWK, 'RS256');
    if (key instanceof Uint8Array) continue;
    const endorsed = Array.isArray(endorsements) ? (endorsements as readonly Json[]) : [];
    found.set(kid, { key, endorsements: endorsed.filter((one) => typeof one === 'string') });
  }
  return found;
}
