import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import fc from 'fast-check';
import { type CryptoKey, exportSPKI, importJWK, type JWK } from 'jose';
import { githubClaims, type Issuer } from '../../../testing/issuer.ts';
import { AUDIENCE, NOW, openTokenWorld, SECONDS, without } from '../../../testing/tokens.ts';
import { REFUSALS, type RefusalCode, WorkloadRefusal } from './refusal.ts';

const world = await openTokenWorld();
after(() => world.close());
const { issuer, other, tokens, github, codeOf } = world;

describe('bad tokens: each its own cause, none taken', () => {
  const signed = (more: JsonObject = {}, signing: Parameters<Issuer['sign']>[1] = {}) =>
    issuer.sign(github(more), signing);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const swapped = async (head: object, more: JsonObject = {}): Promise<string> => {
    const [, payload, signature] = (await signed(more)).split('.');
    return `${part(head)}.${payload}.${signature}`;
  };
  const kid = () => issuer.jwks().keys[0]?.kid;
  const table: readonly (readonly [string, RefusalCode, () => Promise<string> | string])[] = [
    ['not a token', 'malformed', () => 'a.b'],
    ['four parts', 'malformed', async () => `${await signed()}.x`],
    ['padding in base64url', 'malformed', async () => (await signed()).replace('.', '=.')],
    ['a header that is a list', 'malformed', () => `${part([])}.${part({})}.x`],
    ['larger than 16 KiB', 'oversized', () => signed({ padding: 'x'.repeat(16_384) })],
    ['alg none', 'not_signed', () => `${part({ alg: 'none', kid: 'x' })}.${part(github())}.`],
    ['alg NoNe with a signature', 'not_signed', () => swapped({ alg: 'NoNe', kid: kid() })],
    [
      'HS256 with the public key as its secret',
      'symmetric_algorithm',
      async () => {
        const [jwk] = issuer.jwks().keys;
        const pem = await exportSPKI((await importJWK(jwk as JWK, 'ES256')) as CryptoKey);
        const text = `${part({ alg: 'HS256', kid: kid() })}.${part(github())}`;
        return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
      },
    ],
    ['an algorithm not allowed', 'algorithm_not_allowed', () => swapped({ alg: 'ES512', kid: kid() })],
    ['an algorithm the key is not for', 'key_unfit', () => swapped({ alg: 'RS256', kid: kid() })],
    ['a critical header', 'critical_header', () => swapped({ alg: 'ES256', kid: kid(), crit: ['x'], x: 1 })],
    ['unencoded payload', 'critical_header', () => swapped({ alg: 'ES256', kid: kid(), b64: false })],
    ['a logout token', 'wrong_type', () => signed({}, { header: { typ: 'logout+jwt' } })],
    ['a DPoP proof', 'wrong_type', () => signed({}, { header: { typ: 'dpop+jwt' } })],
    ['no kid', 'no_key_id', () => signed({}, { header: { kid: undefined } })],
    ['a kid nobody published', 'unknown_key', () => signed({}, { header: { kid: 'nobody' } })],
    [
      'another issuer’s key under this kid',
      'wrong_signature',
      () => other.sign(github(), { header: { kid: kid() } }),
    ],
    [
      'one claim changed',
      'wrong_signature',
      async () => {
        const [head, , signature] = (await signed()).split('.');
        return `${head}.${part(github({ repository: 'acme/other' }))}.${signature}`;
      },
    ],
    ['an issuer not listed', 'unknown_issuer', () => other.sign({ ...githubClaims(other.url, NOW) })],
    ['no issuer', 'unknown_issuer', () => issuer.sign(without(github(), 'iss'))],
    ['an issuer in a list', 'unknown_issuer', () => signed({ iss: [issuer.url] })],
    ['an issuer with a slash more', 'unknown_issuer', () => signed({ iss: `${issuer.url}/` })],
    ['no expiry', 'no_times', () => issuer.sign(without(github(), 'exp'))],
    ['an expiry that is text', 'no_times', () => signed({ exp: String(SECONDS + 300) })],
    ['an expiry past all time', 'no_times', () => signed({ exp: 1e15 })],
    ['expired', 'expired', () => signed({ exp: SECONDS - 31, iat: SECONDS - 300 })],
    ['not yet valid', 'not_yet_valid', () => signed({ nbf: SECONDS + 31 })],
    ['issued in the future', 'issued_in_future', () => signed({ iat: SECONDS + 31 })],
    ['living too long', 'lives_too_long', () => signed({ exp: SECONDS + 7_300 })],
    [
      'living too long, and not saying since when',
      'lives_too_long',
      () => issuer.sign(without(github({ exp: SECONDS + 7_300 }), 'iat')),
    ],
    ['another audience', 'wrong_audience', () => signed({ aud: 'https://elsewhere.example.com' })],
    [
      'an audience that begins like ours',
      'wrong_audience',
      () => signed({ aud: `${AUDIENCE}.evil.example` }),
    ],
    ['no audience', 'wrong_audience', () => issuer.sign(without(github(), 'aud'))],
    [
      'a claim said twice',
      'duplicate_member',
      () => issuer.sign(`{"sub":"a",${JSON.stringify(github()).slice(1)}`),
    ],
    [
      'an escaped claim said twice',
      'duplicate_member',
      () => issuer.sign(`{"s\\u0075b":"a",${JSON.stringify(github()).slice(1)}`),
    ],
    ['a repository no rule takes', 'no_rule', () => signed({ repository: 'evil/shop' })],
    ['a star does not cross a slash', 'no_rule', () => signed({ repository: 'acme/shop/x' })],
    ['a branch no rule takes', 'no_rule', () => signed({ ref: 'refs/heads/topic' })],
    ['a claim of another kind', 'no_rule', () => signed({ repository: { acme: 1 } })],
    ['a name with a space', 'bad_name', () => signed({ repository: 'acme/a b' })],
    ['a name with a bidi control', 'bad_name', () => signed({ repository: 'acme/a\u202eb' })],
    ['a team that is no id', 'bad_name', () => signed({ repository_owner: 'Acme Corp' })],
    ['an owner nobody knows', 'unknown_owner', () => signed({ actor: 'stranger' })],
    ['no actor', 'unknown_owner', () => issuer.sign(without(github(), 'actor'))],
    ['bound to a certificate', 'unknown_binding', () => signed({ cnf: { 'x5t#S256': 'x' } })],
    ['bound to two things', 'unknown_binding', () => signed({ cnf: { jkt: 'a'.repeat(43), kid: 'x' } })],
    ['an act that is text', 'bad_act', () => signed({ act: 'me' })],
    ['an act without sub', 'bad_act', () => signed({ act: { iss: 'x' } })],
    ['acting for nobody known', 'unknown_person', () => signed({ act: { sub: 'a' } })],
    [
      'a chain too deep',
      'act_too_deep',
      () => signed({ act: { sub: 'a', act: { sub: 'b', act: { sub: 'c', act: { sub: 'd' } } } } }),
    ],
  ];
  for (const [name, code, make] of table)
    it(`${name}: ${code}`, async () => assert.equal(await codeOf(await make()), code));

  it('one character changed anywhere: never taken', async () => {
    const token = await signed();
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...digits), async (at, digit) => {
        fc.pre(token[at] !== digit);
        await assert.rejects(tokens.admit(token.slice(0, at) + digit + token.slice(at + 1)), WorkloadRefusal);
      }),
      { numRuns: 400 },
    );
    // The last character of a signature has bits to spare: another with the same bytes is another text all the same.
    const last = digits.indexOf(token.at(-1) ?? '');
    assert.equal(await codeOf(token.slice(0, -1) + digits[last ^ 1]), 'malformed');
  });

  it('any bytes at all: refused, never an error of ours', async () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json().map(part));
    await fc.assert(
      fc.asyncProperty(text, text, text, async (head, payload, signature) => {
        await assert.rejects(tokens.admit(`${head}.${payload}.${signature}`), WorkloadRefusal);
      }),
      { numRuns: 300 },
    );
  });

  it('every cause there is has a sentence for the operator', () => {
    for (const [, code] of table) assert.ok(REFUSALS[code].length > 10);
  });
});
