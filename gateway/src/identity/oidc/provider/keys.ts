/**
 * A provider's published keys: fetched when first needed, kept for a while, fetched again when a token names one that is
 * not among them, and never more often than a cooldown allows. Only keys that can prove something are kept: a symmetric
 * one could be anybody's.
 */
import { createLocalJWKSet, type FlattenedJWSInput, type JWK, type JWSHeaderParameters } from 'jose';
import { SignInFailure } from '../failure.ts';
import { ask, type Fetch, strictObject } from './fetch.ts';

const KEYS_MAX = 100;
const AGE_MS_MAX = 3_600_000;
/** An unknown key fetches the keys anew at most this often. */
export const COOLDOWN_MS = 5_000;

type Chooser = ReturnType<typeof createLocalJWKSet>;
type Choice = ReturnType<Chooser>;

export type Keys = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Choice;

export function createKeys(send: Fetch, now: () => number): (jwks_uri: string) => Keys {
  let last: { readonly jwks_uri: string; readonly keys: Keys } | undefined;
  return (jwks_uri) => {
    // One at a time: a provider that moves its keys leaves nothing behind.
    if (last?.jwks_uri !== jwks_uri) last = { jwks_uri, keys: keysAt(send, jwks_uri, now) };
    return last.keys;
  };
}

function keysAt(send: Fetch, jwks_uri: string, now: () => number): Keys {
  let held: { readonly choose: Chooser; readonly at: number } | undefined;
  let under_way: Promise<Chooser> | undefined;
  const fetched = (): Promise<Chooser> => {
    under_way ??= fetchKeys(send, jwks_uri)
      .then((choose) => {
        held = { choose, at: now() };
        return choose;
      })
      .finally(() => {
        under_way = undefined;
      });
    return under_way;
  };
  return async (header, token) => {
    const fresh = held !== undefined && now() - held.at < AGE_MS_MAX ? held.choose : await fetched();
    try {
      return await fresh(header, token);
    } catch (cause) {
      if (held === undefined || now() - held.at < COOLDOWN_MS)
        throw new SignInFailure('unknown_key', { cause });
    }
    const again = await fetched();
    try {
      return await again(header, token);
    } catch (cause) {
      throw new SignInFailure('unknown_key', { cause });
    }
  };
}

async function fetchKeys(send: Fetch, jwks_uri: string): Promise<Chooser> {
  const { status, text } = await ask(send, jwks_uri, { headers: { accept: 'application/json' } });
  if (status !== 200) throw new SignInFailure('unreachable', { cause: new Error(`status ${status}`) });
  const { keys } = strictObject(text);
  if (!Array.isArray(keys) || keys.length > KEYS_MAX) throw new SignInFailure('malformed');
  const proving = keys.filter(isPublicKey);
  return createLocalJWKSet({ keys: proving });
}

const isPublicKey = (key: unknown): key is JWK =>
  typeof key === 'object' &&
  key !== null &&
  'kty' in key &&
  ['RSA', 'EC', 'OKP'].includes(String(key.kty)) &&
  !('d' in key);
