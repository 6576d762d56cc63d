/** One provider, and everything it can say wrongly: each told apart, none believed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, SignJWT } from 'jose';
import { signInSchema } from '../../gateway/src/config/sign-in.ts';
import { type FailureReason, SignInFailure } from '../../gateway/src/identity/oidc/failure.ts';
import {
  createProvider,
  type Provider,
  type Secrets,
} from '../../gateway/src/identity/oidc/provider/provider.ts';
import { Browser, type Idp, startIdp } from './idp.ts';

const PUBLIC_URL = 'http://localhost:7979';
const CALLBACK = `${PUBLIC_URL}/sign-in/corp/callback`;

let idp: Idp;
before(async () => {
  idp = await startIdp({ redirect_uris: [CALLBACK] });
  idp.accounts.set('erin', {
    name: 'Erin',
    email: 'erin@example.com',
    email_verified: true,
    groups: ['idp-dba', 'secret'],
  });
});
after(() => idp.close());

type Options = { readonly now?: () => number; readonly send?: typeof fetch; readonly over?: object };
function openProvider({ now = Date.now, send = fetch, over = {} }: Options = {}): Provider {
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
  return createProvider({
    id: 'corp',
    config,
    client_secret: idp.client_secret,
    public_url: PUBLIC_URL,
    fetch: send,
    now,
  });
}

const newSecrets = (): Secrets => {
  const text = () => randomBytes(32).toString('base64url');
  return { state: text(), nonce: text(), verifier: text() };
};

/** Signs in up to where the browser is sent back. */
async function signIn(provider: Provider, secrets: Secrets, sub = 'erin'): Promise<URL> {
  idp.signedIn = sub;
  return new URL(await new Browser().goTo(await provider.authorizationUrl(secrets), CALLBACK));
}

async function refused(want: FailureReason, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof SignInFailure, String(error));
    assert.equal(error.reason, want, String(error.cause));
    return true;
  });
}

/** A fetch whose answers from the token endpoint are what `alter` makes of them. */
const altering =
  (alter: (answer: { id_token: string }) => Promise<string> | string): typeof fetch =>
  async (url, init) => {
    const response = await fetch(url, init);
    if (!String(url).endsWith('/token') || response.status !== 200) return response;
    const text = await alter((await response.json()) as { id_token: string });
    return new Response(text, { status: 200, headers: { 'content-type': 'application/json' } });
  };

type Forged = {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: Parameters<SignJWT['sign']>[0];
};
/** The ID token with other claims, signed with the provider's own key unless another is given. */
const forging = (forge: (claims: JWTPayload) => Forged) =>
  altering(async (answer) => {
    const { claims = {}, header = {}, key } = forge(decodeJwt(answer.id_token));
    const payload = { ...decodeJwt(answer.id_token), ...claims };
    const protectedHeader = { ...decodeProtectedHeader(answer.id_token), ...header } as { alg: string };
    const signing = key ?? (await importJWK(idp.key(), 'RS256'));
    return JSON.stringify({
      ...answer,
      id_token: await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(signing),
    });
  });

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowS = () => Math.floor(Date.now() / 1000);

describe('what the provider says', () => {
  it('is who signed in, and of their groups those that mean something here', async () => {
    const provider = openProvider();
    const secrets = newSecrets();
    const { identity, tokens } = await provider.exchange(await signIn(provider, secrets), secrets);
    assert.deepEqual(identity, {
      account: `oidc:${idp.issuer}#erin`,
      sub: 'erin',
      name: 'Erin',
      email: 'erin@example.com',
      groups: ['idp-dba'],
    });
    assert.ok(tokens.refresh_token);
  });

  const rows: readonly [name: string, want: FailureReason, send: () => typeof fetch][] = [
    ['for another client', 'wrong_audience', () => forging(() => ({ claims: { aud: 'somebody-else' } }))],
    [
      'for this client and another',
      'wrong_audience',
      () => forging(() => ({ claims: { aud: ['countersign', 'other'] } })),
    ],
    ['authorised for another party', 'wrong_audience', () => forging(() => ({ claims: { azp: 'other' } }))],
    [
      'from another issuer',
      'wrong_issuer',
      () => forging(() => ({ claims: { iss: 'https://evil.example.com' } })),
    ],
    [
      'with another sign-in’s nonce',
      'wrong_nonce',
      () => forging(() => ({ claims: { nonce: 'of-another' } })),
    ],
    ['without a nonce', 'wrong_nonce', () => forging(() => ({ claims: { nonce: undefined } }))],
    [
      'no longer valid',
      'expired',
      () => forging(() => ({ claims: { iat: nowS() - 900, exp: nowS() - 61 } })),
    ],
    [
      'issued too far ahead',
      'not_yet_valid',
      () => forging(() => ({ claims: { iat: nowS() + 120, exp: nowS() + 900 } })),
    ],
    ['not valid yet', 'not_yet_valid', () => forging(() => ({ claims: { nbf: nowS() + 120 } }))],
    ['without an end', 'malformed', () => forging(() => ({ claims: { exp: undefined } }))],
    ['of nobody', 'malformed', () => forging(() => ({ claims: { sub: '' } }))],
    [
      'with a key it does not publish',
      'unknown_key',
      () => forging(() => ({ header: { kid: 'nobody-knows' } })),
    ],
    [
      'with HS256 and the public key as secret',
      'alg_refused',
      () => {
        const { d, p, q, dp, dq, qi, ...published } = idp.key();
        const key = new TextEncoder().encode(JSON.stringify(published));
        return forging(() => ({ header: { alg: 'HS256' }, key }));
      },
    ],
    [
      'unsigned',
      'alg_none',
      () =>
        altering((answer) => {
          const [, body] = answer.id_token.split('.');
          return JSON.stringify({ ...answer, id_token: `${base64({ alg: 'none' })}.${body}.` });
        }),
    ],
    [
      'unsigned, in capitals',
      'alg_none',
      () =>
        altering((answer) => {
          const [, body] = answer.id_token.split('.');
          return JSON.stringify({ ...answer, id_token: `${base64({ alg: 'NoNe' })}.${body}.` });
        }),
    ],
    [
      'changed by one letter',
      'bad_signature',
      () =>
        altering((answer) => {
          const [head, , signature] = answer.id_token.split('.');
          return JSON.stringify({
            ...answer,
            id_token: `${head}.${base64({ ...decodeJwt(answer.id_token), sub: 'erix' })}.${signature}`,
          });
        }),
    ],
    [
      'with a claim said twice',
      'duplicate_claims',
      () =>
        altering((answer) => {
          const [head, body = '', signature] = answer.id_token.split('.');
          const text = Buffer.from(body, 'base64url').toString().replace('{', '{"sub":"mallory",');
          return JSON.stringify({
            ...answer,
            id_token: `${head}.${Buffer.from(text).toString('base64url')}.${signature}`,
          });
        }),
    ],
    [
      'with the ID token given twice',
      'duplicate_claims',
      () => altering((answer) => JSON.stringify(answer).replace('{', `{"id_token":"${answer.id_token}",`)),
    ],
    [
      'with a token too large',
      'oversized',
      () => forging(() => ({ claims: { padding: 'x'.repeat(16_384) } })),
    ],
    [
      'with an endless answer',
      'oversized',
      () => altering((answer) => JSON.stringify({ ...answer, more: 'x'.repeat(300_000) })),
    ],
    ['without an ID token', 'malformed', () => altering(({ id_token: _, ...rest }) => JSON.stringify(rest))],
    ['in no JSON', 'malformed', () => altering(() => '<html>')],
  ];
  for (const [name, want, send] of rows)
    it(`${name}: ${want}`, async () => {
      const provider = openProvider({ send: send() });
      const secrets = newSecrets();
      const back = await signIn(provider, secrets);
      await refused(want, () => provider.exchange(back, secrets));
    });

  for (const [name, ahead_ms] of [
    ['behind', 45_000],
    ['ahead', -45_000],
  ] as const)
    it(`is believed by a clock ${name} by less than the tolerance`, async () => {
      const provider = openProvider({ now: () => Date.now() - ahead_ms });
      const secrets = newSecrets();
      const { identity } = await provider.exchange(await signIn(provider, secrets), secrets);
      assert.equal(identity.sub, 'erin');
    });

  it('is not believed by a clock that is behind by more', async () => {
    const provider = openProvider({ now: () => Date.now() - 90_000 });
    const secrets = newSecrets();
    const back = await signIn(provider, secrets);
    await refused('not_yet_valid', () => provider.exchange(back, secrets));
  });
});

describe('what the browser brings back', () => {
  const rows: readonly [name: string, want: FailureReason, alter: (url: URL) => void][] = [
    ['another issuer (RFC 9207)', 'mix_up', (url) => url.searchParams.set('iss', 'https://evil.example.com')],
    ['no issuer, from one that says it sends it', 'mix_up', (url) => url.searchParams.delete('iss')],
    ['two codes', 'answer_malformed', (url) => url.searchParams.append('code', 'x')],
    ['no code', 'answer_malformed', (url) => url.searchParams.delete('code')],
    ['a code of nobody', 'code_refused', (url) => url.searchParams.set('code', 'made-up')],
    ['the person’s refusal', 'provider_refused', (url) => url.searchParams.set('error', 'access_denied')],
    ['another state', 'malformed', (url) => url.searchParams.set('state', 'another')],
  ];
  for (const [name, want, alter] of rows)
    it(`${name}: ${want}`, async () => {
      const provider = openProvider();
      const secrets = newSecrets();
      const back = await signIn(provider, secrets);
      alter(back);
      await refused(want, () => provider.exchange(back, secrets));
    });

  it('is good once, and with its own verifier only', async () => {
    const provider = openProvider();
    const secrets = newSecrets();
    const first = await signIn(provider, secrets);
    await provider.exchange(first, secrets);
    await refused('code_refused', () => provider.exchange(first, secrets));
    const again = await signIn(provider, secrets);
    await refused('code_refused', () =>
      provider.exchange(again, { ...secrets, verifier: newSecrets().verifier }),
    );
  });
});

describe('the provider itself', () => {
  it('rotates its keys: the new ones are fetched once, and then known', async () => {
    const clock = { now: Date.now() };
    const provider = openProvider({ now: () => clock.now });
    const go = async (): Promise<unknown> => {
      const secrets = newSecrets();
      return provider.exchange(await signIn(provider, secrets), secrets);
    };
    const fetched = () => idp.asked.get('/jwks') ?? 0;
    const before = fetched();
    await go();
    await go();
    assert.equal(fetched(), before + 1);
    await idp.rotateKeys();
    await refused('unknown_key', go); // asked a moment ago: not again at once
    clock.now += 6_000;
    await go();
    await go();
    assert.equal(fetched(), before + 2);
  });

  const rows: readonly [name: string, want: FailureReason, send: typeof fetch][] = [
    ['cannot be reached', 'unreachable', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with an error', 'unreachable', async () => new Response('', { status: 503 })],
    [
      'sends elsewhere',
      'unreachable',
      async () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
    ],
    [
      'goes by another name',
      'wrong_issuer',
      async () => Response.json({ issuer: 'https://evil.example.com' }),
    ],
    ['says its name twice', 'duplicate_claims', async () => new Response('{"issuer":"a","issuer":"b"}')],
    [
      'has an endpoint in clear elsewhere',
      'insecure_endpoint',
      async () =>
        Response.json({
          issuer: idp.issuer,
          authorization_endpoint: 'http://evil.example.com/auth',
          token_endpoint: 'https://x.example/t',
          jwks_uri: 'https://x.example/j',
        }),
    ],
    ['answers without end', 'oversized', async () => new Response('x'.repeat(300_000))],
  ];
  for (const [name, want, send] of rows)
    it(`${name}: ${want}`, () => refused(want, () => openProvider({ send }).authorizationUrl(newSecrets())));

  it('refuses this gateway', async () => {
    const provider = openProvider({ over: { client_id: 'nobody' } });
    const other = openProvider();
    const secrets = newSecrets();
    const back = await signIn(other, secrets);
    await refused('client_refused', () => provider.exchange(back, secrets));
  });

  it('is told what the configuration adds, which replaces nothing of ours', async () => {
    const url = new URL(
      await openProvider({ over: { params: { access_type: 'offline' } } }).authorizationUrl(newSecrets()),
    );
    const { searchParams: said } = url;
    assert.deepEqual(
      [said.get('access_type'), said.get('response_type'), said.get('code_challenge_method')],
      ['offline', 'code', 'S256'],
    );
    assert.throws(() => openProvider({ over: { params: { redirect_uri: 'https://evil.example.com' } } }));
    assert.throws(() => openProvider({ over: { params: { scope: 'openid admin' } } }));
  });

  it('is asked about itself once for many sign-ins', async () => {
    const provider = openProvider();
    const path = '/.well-known/openid-configuration';
    const before = idp.asked.get(path) ?? 0;
    await Promise.all(Array.from({ length: 20 }, () => provider.authorizationUrl(newSecrets())));
    assert.equal(idp.asked.get(path), before + 1);
  });
});

describe('asked again with a refresh token', () => {
  it('says today’s groups, and a new token each time', async () => {
    idp.accounts.set('finn', { name: 'Finn', groups: ['idp-dba'] });
    const provider = openProvider();
    const secrets = newSecrets();
    const first = await provider.exchange(await signIn(provider, secrets, 'finn'), secrets);
    idp.accounts.set('finn', { name: 'Finn', groups: [] });
    const second = await provider.refresh(first.tokens);
    assert.deepEqual(second.identity.groups, []);
    assert.notEqual(second.tokens.refresh_token, first.tokens.refresh_token);
    // A token used twice is taken for stolen, and everything that came of it ends.
    await refused('code_refused', () => provider.refresh(first.tokens));
    await refused('code_refused', () => provider.refresh(second.tokens));
  });

  it('speaks of the same person or of nobody', async () => {
    idp.accounts.set('gail', { name: 'Gail' });
    const provider = openProvider();
    const secrets = newSecrets();
    const { tokens } = await provider.exchange(await signIn(provider, secrets, 'gail'), secrets);
    await refused('wrong_subject', () => provider.refresh({ ...tokens, sub: 'erin' }));
  });
});

describe('who may come in at all', () => {
  const rows: readonly [name: string, over: object, want: FailureReason | 'in'][] = [
    ['a group that is asked for', { allow: { groups: ['idp-dba'] } }, 'in'],
    ['a group they are not in', { allow: { groups: ['idp-admins'] } }, 'not_allowed'],
    ['a claim the provider does not send', { allow: { hd: ['example.com'] } }, 'not_allowed'],
    ['their address', { allow: { email: ['erin@example.com'] } }, 'in'],
    ['one of two', { allow: { groups: ['idp-dba'], hd: ['example.com'] } }, 'not_allowed'],
  ];
  for (const [name, over, want] of rows)
    it(`${name}: ${want}`, async () => {
      const provider = openProvider({ over });
      const secrets = newSecrets();
      const back = await signIn(provider, secrets);
      if (want !== 'in') return refused(want, () => provider.exchange(back, secrets));
      assert.equal((await provider.exchange(back, secrets)).identity.sub, 'erin');
    });

  it('an address nobody verified opens nothing', async () => {
    idp.accounts.set('mallory', { name: 'Mallory', email: 'erin@example.com' });
    const provider = openProvider({ over: { allow: { email: ['erin@example.com'] } } });
    const secrets = newSecrets();
    const back = await signIn(provider, secrets, 'mallory');
    await refused('email_unverified', () => provider.exchange(back, secrets));
  });
});
