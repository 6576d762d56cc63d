/**
 * One OpenID Connect provider: where to send a browser, and what comes of what it brings back. The exchange is
 * `openid-client`'s; every answer passes `fetch.ts` first, and an ID token our own reading, so that what is wrong has a
 * name. Keeps nothing but what the provider publishes.
 */
import type { JsonObject } from '@countersign/core';
import * as openid from 'openid-client';
import type { OidcConfig } from '../../../config/sign-in.ts';
import { SignInFailure } from '../failure.ts';
import { type Identity, identityOf, lacksClaims } from './claims.ts';
import { type Kept, openClient, orFailure, type Party, type Read } from './client.ts';
import { verifyIdToken } from './id-token.ts';
import { createKeys, type Keys } from './keys.ts';
import { createMetadata, type Metadata } from './metadata.ts';

export type ProviderOptions = Party & { readonly id: string; readonly public_url: string };

/** What one sign-in is known by; none of it is ever used twice. */
export type Secrets = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** What is kept for the session: to ask again, and to sign out there. */
export type ProviderTokens = {
  readonly refresh_token?: string;
  readonly id_token: string;
  readonly sub: string;
};

export type Known = { readonly identity: Identity; readonly tokens: ProviderTokens };

export type Provider = {
  readonly id: string;
  readonly config: OidcConfig;
  /** @throws SignInFailure if it is not there, or not what the configuration says */
  probe(): Promise<void>;
  /** `fresh`: they are to show who they are, even if the provider still knows them. @throws SignInFailure */
  authorizationUrl(secrets: Secrets, fresh?: boolean): Promise<string>;
  /** `url` is the one the browser came back to. @throws SignInFailure */
  exchange(url: URL, secrets: Secrets): Promise<Known>;
  /** What the provider says today of somebody signed in before. @throws SignInFailure; `provider_refused` when it ended there */
  refresh(tokens: ProviderTokens): Promise<Known>;
  /**
   * Who an ID token speaks of that another client of the provider was given, for exactly this nonce. It signs nobody in.
   * @throws SignInFailure; `unreachable`, whatever is wrong with what the provider publishes: nothing was learnt of the token
   */
  vouch(id_token: string, wanted: { readonly client_id: string; readonly nonce: string }): Promise<Identity>;
  /** Where a browser signs out of the provider too; undefined where there is no such place. */
  signOutUrl(tokens: ProviderTokens): Promise<string | undefined>;
};

export const redirectUri = (public_url: string, id: string): string => `${public_url}/sign-in/${id}/callback`;

export function createProvider(options: ProviderOptions): Provider {
  const { id, config, public_url, fetch: send, now } = options;
  const context: Context = {
    ...options,
    metadata: createMetadata(send, config.issuer, now),
    keys: createKeys(send, now),
  };
  return {
    id,
    config,
    async probe() {
      await context.metadata();
    },
    async authorizationUrl({ state, nonce, verifier }, fresh = false) {
      const client = openClient(context, await context.metadata(), {}).client;
      const code_challenge = await openid.calculatePKCECodeChallenge(verifier);
      return openid.buildAuthorizationUrl(client, {
        ...config.params,
        // Asked for so, it must say when they did (OpenID Connect Core 3.1.2.1).
        ...(fresh ? { max_age: '0' } : {}),
        redirect_uri: redirectUri(public_url, id),
        response_type: 'code',
        scope: config.scopes.join(' '),
        state,
        nonce,
        code_challenge,
        code_challenge_method: 'S256',
      }).href;
    },
    exchange: (url, secrets) => exchange(context, url, secrets),
    refresh: (tokens) => refresh(context, tokens),
    async vouch(id_token, { client_id, nonce }) {
      const { jwks_uri } = await context.metadata().catch(unheard);
      const published = context.keys(jwks_uri);
      const keys: Keys = (header, token) => published(header, token).catch(unheard);
      const wanted = { issuer: config.issuer, client_id, nonce, keys, now };
      return identityOf(config, await verifyIdToken(id_token, wanted));
    },
    async signOutUrl({ id_token }) {
      const metadata = await context.metadata();
      if (metadata.end_session_endpoint === undefined) return undefined;
      return openid.buildEndSessionUrl(openClient(context, metadata, {}).client, {
        id_token_hint: id_token,
        post_logout_redirect_uri: `${public_url}/sign-in`,
      }).href;
    },
  };
}

/** A key that is not among those published is the token's fault; a page in their place is not. */
function unheard(cause: unknown): never {
  if (!(cause instanceof SignInFailure) || cause.reason === 'unknown_key') throw cause;
  throw new SignInFailure('unreachable', { cause });
}

type Context = ProviderOptions & Kept & { readonly metadata: () => Promise<Metadata> };

async function exchange(context: Context, url: URL, { state, nonce, verifier }: Secrets): Promise<Known> {
  const metadata = await context.metadata();
  checkCallback(url, metadata);
  const { client, read } = openClient(context, metadata, { nonce });
  // The redirect URI is the one registered, whatever Host the browser came back to.
  const called = new URL(redirectUri(context.public_url, context.id));
  called.search = url.search;
  const tokens = await orFailure(
    openid.authorizationCodeGrant(client, called, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    }),
  );
  return known(context, { client, read, tokens });
}

/** What an answer must be before anything is done with it: once each, and from this provider (RFC 9207). */
function checkCallback(url: URL, metadata: Metadata): void {
  const query = url.searchParams;
  if (['code', 'state', 'iss', 'error'].some((name) => query.getAll(name).length > 1))
    throw new SignInFailure('answer_malformed');
  const iss = query.get('iss');
  const must = metadata.authorization_response_iss_parameter_supported === true;
  if (iss === null ? must : iss !== metadata.issuer) throw new SignInFailure('mix_up');
  if (query.has('error')) throw new SignInFailure('provider_refused');
  if (!query.has('code') || query.has('response') || query.has('id_token') || query.has('access_token'))
    throw new SignInFailure('answer_malformed');
}

async function refresh(context: Context, { refresh_token, sub }: ProviderTokens): Promise<Known> {
  if (refresh_token === undefined) throw new SignInFailure('no_token');
  const { client, read } = openClient(context, await context.metadata(), { sub });
  const tokens = await orFailure(openid.refreshTokenGrant(client, refresh_token));
  const { identity, tokens: next } = await known(context, { client, read, tokens, sub });
  // A provider that gives no new one lets the old one be used again (RFC 6749 6).
  return { identity, tokens: { refresh_token, ...next } };
}

type Granted = {
  readonly client: openid.Configuration;
  readonly read: Read;
  readonly tokens: openid.TokenEndpointResponse;
  readonly sub?: string;
};

/** The ID token’s word, completed by the user info endpoint where claims are missing; never contradicted by it. */
async function known({ config }: Context, { client, read, tokens, sub }: Granted): Promise<Known> {
  const subject = read.claims?.['sub'] ?? sub;
  if (typeof subject !== 'string') throw new SignInFailure('no_token');
  let claims: JsonObject = read.claims ?? {};
  if (client.serverMetadata().userinfo_endpoint !== undefined && lacksClaims(config, claims)) {
    const more = await orFailure(openid.fetchUserInfo(client, tokens.access_token, subject));
    claims = { ...(more as JsonObject), ...claims };
  } else if (read.claims === undefined) throw new SignInFailure('no_token');
  return {
    identity: identityOf(config, { ...claims, sub: subject }),
    tokens: {
      ...(tokens.refresh_token === undefined ? {} : { refresh_token: tokens.refresh_token }),
      id_token: read.id_token ?? '',
      sub: subject,
    },
  };
}
