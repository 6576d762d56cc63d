/** Everything a provider can say wrongly: each told apart, none believed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, SignJWT } from 'jose';
import { type Desk, newSecrets, openDesk, refused } from '../../../../testing/desk.ts';
import type { Idp } from '../../../../testing/idp.ts';
import type { FailureReason } from '../failure.ts';

let desk: Desk;
let idp: Idp;
before(async () => {
  desk = await openDesk();
  ({ idp } = desk);
});
after(() => idp.close());
const openProvider: Desk['openProvider'] = (options) => desk.openProvider(options);
const signIn: Desk['signIn'] = (...given) => desk.signIn(...given);

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
