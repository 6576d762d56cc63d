/** What a provider publishes about itself, kept for an hour: asked once for many sign-ins, and again soon after a failure. */
import type { JsonObject } from '@countersign/core';
import type { ServerMetadata } from 'openid-client';
import { isIssuer } from '../../../config/sign-in.ts';
import { SignInFailure } from '../failure.ts';
import { ask, type Fetch, strictObject } from './fetch.ts';

const AGE_MS_MAX = 3_600_000;
/** After a failure nobody asks again for a while: a provider that is down is not helped by more questions. */
const FAILED_MS = 2_000;

export type Metadata = ServerMetadata & { readonly jwks_uri: string };

export function createMetadata(send: Fetch, issuer: string, now: () => number): () => Promise<Metadata> {
  let held: { readonly answer: Promise<Metadata>; until: number } | undefined;
  return () => {
    if (held !== undefined && now() < held.until) return held.answer;
    const asked = { answer: fetchMetadata(send, issuer), until: now() + AGE_MS_MAX };
    asked.answer.catch(() => {
      asked.until = now() + FAILED_MS;
    });
    held = asked;
    return asked.answer;
  };
}

async function fetchMetadata(send: Fetch, issuer: string): Promise<Metadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { status, text } = await ask(send, url, { headers: { accept: 'application/json' } });
  if (status !== 200) throw new SignInFailure('unreachable', { cause: new Error(`status ${status}`) });
  const said = strictObject(text);
  // Exactly: a provider that spells itself otherwise is another one (RFC 8414 3.3).
  if (said['issuer'] !== issuer) throw new SignInFailure('wrong_issuer');
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
    checkEndpoint(said, name, true);
  for (const name of ['userinfo_endpoint', 'end_session_endpoint']) checkEndpoint(said, name, false);
  return said as unknown as Metadata;
}

function checkEndpoint(said: JsonObject, name: string, needed: boolean): void {
  const value = said[name];
  if (value === undefined && !needed) return;
  if (typeof value !== 'string') throw new SignInFailure('malformed');
  // As an issuer must be, but that some have a query of their own.
  if (!isIssuer(value.replace(/\?.*$/s, ''))) throw new SignInFailure('insecure_endpoint');
}
