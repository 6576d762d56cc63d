/** A ticket system whose users sign in with the organisation's provider, as far as tests need it: it asks there for ID tokens. Nothing here is shipped. */
import { createHash, randomBytes } from 'node:crypto';
import { Browser, type Idp } from './idp.ts';

export const TICKET_CLIENT = 'jira';
export const TICKET_CALLBACK = 'http://localhost:9/jira/callback';

export type TokenAsk = {
  readonly sub: string;
  readonly nonce?: string;
  /** Without it the provider need not say when they signed in. */
  readonly max_age?: number;
  /** One that is signed in already. */
  readonly browser?: Browser;
  readonly client_id?: string;
  readonly redirect_uri?: string;
};

export async function idTokenOf(idp: Idp, ask: TokenAsk): Promise<string> {
  const { sub, nonce, max_age, browser = new Browser(), client_id = TICKET_CLIENT } = ask;
  const redirect_uri = ask.redirect_uri ?? TICKET_CALLBACK;
  const verifier = randomBytes(32).toString('base64url');
  idp.signedIn = sub;
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    ...(nonce === undefined ? {} : { nonce }),
    ...(max_age === undefined ? {} : { max_age: String(max_age) }),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const back = new URL(await browser.goTo(`${idp.issuer}/auth?${query}`, redirect_uri));
  const code = back.searchParams.get('code') ?? '';
  const response = await fetch(`${idp.issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client_id}:${idp.client_secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri,
      code_verifier: verifier,
    }),
  });
  const answer = (await response.json()) as { readonly id_token?: string };
  if (answer.id_token === undefined)
    throw new Error(`${response.status} ${JSON.stringify(answer)} ${back.href}`);
  return answer.id_token;
}
