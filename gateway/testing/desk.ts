/** One provider against a real one in this process: opened as the test wishes, signed in to as a browser would. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { signInSchema } from '../src/config/sign-in.ts';
import { type FailureReason, SignInFailure } from '../src/identity/oidc/failure.ts';
import { createProvider, type Provider, type Secrets } from '../src/identity/oidc/provider/provider.ts';
import { Browser, type Idp, startIdp } from './idp.ts';

const PUBLIC_URL = 'http://localhost:7979';
const CALLBACK = `${PUBLIC_URL}/sign-in/corp/callback`;

export type Desk = {
  readonly idp: Idp;
  openProvider(options?: DeskOptions): Provider;
  /** Signs in up to where the browser is sent back. */
  signIn(provider: Provider, secrets: Secrets, sub?: string): Promise<URL>;
};
type DeskOptions = { readonly now?: () => number; readonly send?: typeof fetch; readonly over?: object };

/** With Erin, who is in a group that means something here and in one that does not. */
export async function openDesk(): Promise<Desk> {
  const idp = await startIdp({ redirect_uris: [CALLBACK] });
  idp.accounts.set('erin', {
    name: 'Erin',
    email: 'erin@example.com',
    email_verified: true,
    groups: ['idp-dba', 'secret'],
  });
  return {
    idp,
    openProvider({ now = Date.now, send = fetch, over = {} } = {}) {
      const { oidc } = signInSchema.parse({
        oidc: {
          corp: {
            name: 'Corp',
            issuer: idp.issuer,
            client_id: idp.client_id,
            client_secret: 'env:S',
            groups: { 'idp-dba': 'dba' },
            ...over,
          },
        },
      });
      const { corp: config } = oidc;
      assert.ok(config);
      const { client_secret } = idp;
      return createProvider({ id: 'corp', config, client_secret, public_url: PUBLIC_URL, fetch: send, now });
    },
    async signIn(provider, secrets, sub = 'erin') {
      idp.signedIn = sub;
      return new URL(await new Browser().goTo(await provider.authorizationUrl(secrets), CALLBACK));
    },
  };
}

export const newSecrets = (): Secrets => {
  const text = () => randomBytes(32).toString('base64url');
  return { state: text(), nonce: text(), verifier: text() };
};

export async function refused(want: FailureReason, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof SignInFailure, String(error));
    assert.equal(error.reason, want, String(error.cause));
    return true;
  });
}
