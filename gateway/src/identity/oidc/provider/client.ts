/**
 * `openid-client` for one exchange, behind our own reading: what a provider's token endpoint answers is bounded, read
 * strictly and its ID token verified before the library sees it. Its errors leave here under our names.
 */
import type { JsonObject } from '@countersign/core';
import * as openid from 'openid-client';
import type { OidcConfig } from '../../../config/sign-in.ts';
import { SignInFailure } from '../failure.ts';
import { ask, type Fetch, strictObject } from './fetch.ts';
import { CLOCK_TOLERANCE_MS, verifyIdToken } from './id-token.ts';
import type { Keys } from './keys.ts';
import type { Metadata } from './metadata.ts';

export type Party = {
  readonly config: OidcConfig;
  readonly client_secret: string;
  readonly fetch: Fetch;
  readonly now: () => number;
};
export type Kept = { readonly keys: (jwks_uri: string) => Keys };

/** What the ID token must say beside what all must. */
export type Expected = { readonly nonce?: string; readonly sub?: string };

/** The ID token, once the token endpoint has answered with one that holds. */
export type Read = { claims?: JsonObject; id_token?: string };

export type Opened = { readonly client: openid.Configuration; readonly read: Read };

export function openClient(party: Party & Kept, metadata: Metadata, expected: Expected): Opened {
  const { config, client_secret, now } = party;
  const read: Read = {};
  const clocks: Partial<openid.ClientMetadata> = {
    [openid.clockSkew]: Math.round((now() - Date.now()) / 1000),
    [openid.clockTolerance]: CLOCK_TOLERANCE_MS / 1000,
  };
  const authentication = authenticationOf(metadata, client_secret);
  const client = new openid.Configuration(metadata, config.client_id, clocks, authentication);
  // The schema lets http through for this machine only, and `metadata.ts` checks every endpoint likewise.
  openid.allowInsecureRequests(client);
  client[openid.customFetch] = async (url, init) => {
    const { status, headers, text } = await ask(party.fetch, url, init as RequestInit);
    if (status === 200 && url === metadata.token_endpoint) {
      const { id_token } = strictObject(text);
      if (typeof id_token === 'string') {
        const keys = party.keys(metadata.jwks_uri);
        const { issuer, client_id } = config;
        read.claims = await verifyIdToken(id_token, { issuer, client_id, keys, now, ...expected });
        read.id_token = id_token;
      }
    }
    const shown = status === 204 || status === 304 ? null : text;
    return new Response(shown, { status, headers: { 'content-type': headers.get('content-type') ?? '' } });
  };
  return { client, read };
}

function authenticationOf(metadata: Metadata, secret: string): openid.ClientAuth {
  const supported = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return supported.includes('client_secret_basic')
    ? openid.ClientSecretBasic(secret)
    : openid.ClientSecretPost(secret);
}

/** What the library found that we did not is an answer not understood. */
export async function orFailure<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw failureOf(cause);
  }
}

function failureOf(error: unknown): SignInFailure {
  if (error instanceof SignInFailure) return error;
  if (error instanceof openid.ResponseBodyError)
    return new SignInFailure(REFUSALS[error.error] ?? 'malformed', { cause: error });
  if (error instanceof openid.AuthorizationResponseError) return new SignInFailure('provider_refused');
  if (error instanceof openid.ClientError && error.code === OTHER_SUBJECT)
    return new SignInFailure('wrong_subject', { cause: error });
  const inner = error instanceof Error ? error.cause : undefined;
  return inner instanceof SignInFailure ? inner : new SignInFailure('malformed', { cause: error });
}

/** User info that speaks of somebody else than the ID token does (OpenID Connect Core 5.3.2). */
const OTHER_SUBJECT = 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';

/** RFC 6749 5.2. */
const REFUSALS: { readonly [error: string]: 'code_refused' | 'client_refused' } = {
  invalid_grant: 'code_refused',
  invalid_client: 'client_refused',
  unauthorized_client: 'client_refused',
  unsupported_grant_type: 'client_refused',
  invalid_scope: 'client_refused',
};
