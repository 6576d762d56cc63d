/** Bot Framework’s keys and the tokens it sends with activities; Entra ID’s tokens for bots. Real RS256, real JWKS. */
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';

export const ISSUER = 'https://api.botframework.com';

export type SigningKey = {
  readonly kid: string;
  readonly private_key: CryptoKey;
  readonly public_key: CryptoKey;
  endorsements: readonly string[];
};

export async function newKey(endorsements: readonly string[] = ['msteams', 'webchat']): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid: randomUUID(), private_key: privateKey, public_key: publicKey, endorsements };
}

export async function jwks(keys: readonly SigningKey[]): Promise<object> {
  return {
    keys: await Promise.all(
      keys.map(async ({ kid, public_key, endorsements }) => ({
        ...(await exportJWK(public_key)),
        kid,
        x5t: kid,
        use: 'sig',
        endorsements,
      })),
    ),
  };
}

export type ActivityToken = {
  readonly app_id: string;
  readonly service: string;
  readonly now?: number;
  /** Whatever a test wants otherwise. */
  readonly claims?: JWTPayload;
};

export function sign(
  key: SigningKey,
  { app_id, service, now = Date.now(), claims = {} }: ActivityToken,
): Promise<string> {
  const seconds = Math.floor(now / 1000);
  return new SignJWT({
    serviceurl: service,
    nbf: seconds,
    exp: seconds + 3600,
    iss: ISSUER,
    aud: app_id,
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, x5t: key.kid, typ: 'JWT' })
    .sign(key.private_key);
}

const BOT_AUDIENCE = 'https://api.botframework.com';

export function botToken(
  key: SigningKey,
  bot: { readonly app_id: string; readonly tenant: string },
  lives_s: number,
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  return new SignJWT({
    aud: BOT_AUDIENCE,
    iss: `https://sts.windows.net/${bot.tenant}/`,
    appid: bot.app_id,
    nbf: seconds,
    exp: seconds + lives_s,
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .sign(key.private_key);
}

/** The app the token is of; undefined when it is not one of ours, or over. */
export async function appOf(key: SigningKey, authorization: string | undefined): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify((authorization ?? '').replace(/^Bearer /, ''), key.public_key, {
      audience: BOT_AUDIENCE,
    });
    return typeof payload['appid'] === 'string' ? payload['appid'] : undefined;
  } catch {
    return undefined; // whatever it is, it opens nothing
  }
}
