/**
 * Whether Bot Framework itself sent this activity: the token’s signature by a key endorsed for Teams, issuer, audience,
 * time, and the service URL it speaks for. All of it, every time; there is no way to switch any of it off (A15).
 */
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { type Cloud, serviceUrl } from '../clouds.ts';
import type { BotKeys } from '../service/keys.ts';

const CHANNEL = 'msteams';
const SKEW_S = 300;
const TOKEN_CHARACTERS_MAX = 8_192;

export type TokenOptions = {
  readonly cloud: Cloud;
  readonly app_id: string;
  readonly keys: BotKeys;
  readonly now: () => number;
};

/** What the activity says of itself, as far as its token must agree. */
export type Claimed = { readonly channel: unknown; readonly service: unknown };

/** `why` is for the log: whoever sent it is told the status alone. */
export type Vouched =
  | { readonly service: string }
  | { readonly status: 401 | 403 | 503; readonly why: string };

const no = (why: string): Vouched => ({ status: 403, why });

export async function vouched(
  authorization: string | undefined,
  claimed: Claimed,
  { cloud, app_id, keys, now }: TokenOptions,
): Promise<Vouched> {
  const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined || token.length > TOKEN_CHARACTERS_MAX)
    return { status: 401, why: 'no bearer token' };
  const kid = keyOf(token);
  if (kid === undefined) return no('the token is not RS256 with a key id');
  const found = await keys.find(kid);
  if (found === 'unavailable') return { status: 503, why: 'the keys of Bot Framework cannot be had' };
  if (found === 'unknown') return no('the token’s key is not Bot Framework’s');
  let said: string;
  try {
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ['RS256'],
      issuer: cloud.issuer,
      audience: app_id,
      clockTolerance: SKEW_S,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'iss', 'aud'],
    });
    if (typeof payload.aud !== 'string') return no('the token names several audiences');
    said = typeof payload['serviceurl'] === 'string' ? payload['serviceurl'] : '';
  } catch (error) {
    return no(error instanceof Error ? error.message : 'the token is not valid');
  }
  if (claimed.channel !== CHANNEL) return no('the activity is not of Teams');
  if (!found.endorsements.includes(CHANNEL)) return no('the token’s key is not endorsed for Teams');
  const named = typeof claimed.service === 'string' ? claimed.service : '';
  if (named === '' || plain(said) !== plain(named))
    return no('the token is for another service URL than the activity’s');
  const service = serviceUrl(named, cloud);
  return service === undefined ? no('the service URL is of no host of this cloud') : { service };
}

const plain = (url: string): string => url.replace(/\/+$/, '').toLowerCase();

function keyOf(token: string): string | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg === 'RS256' && typeof kid === 'string' && kid !== '' ? kid : undefined;
  } catch {
    // Whatever it is, it is no token.
    return undefined;
  }
}
