import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { before, describe, it } from 'node:test';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';
import type { IssuerConfig } from '../../config/agents.ts';
import { createProofs, PROOF_WINDOW_MS, type Proven } from './proofs.ts';
import { type RefusalCode, WorkloadRefusal } from './refusal.ts';
import type { Admitted } from './tokens.ts';

const NOW = 1_800_000_000_000;
const URL_ASKED = 'https://gate.example.com/mcp/files';
const TOKEN = 'a.token.text';
const digest = hash('sha256', TOKEN, 'base64url');

type Key = { readonly key: CryptoKey; readonly jwk: JWK; readonly whole: JWK };
let own: Key;
let other: Key;
let jkt: string;

async function makeKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { key: privateKey, jwk: await exportJWK(publicKey), whole: await exportJWK(privateKey) };
}
before(async () => {
  [own, other] = await Promise.all([makeKey(), makeKey()]);
  jkt = await calculateJwkThumbprint(own.jwk, 'sha256');
});

let made = 0;
type Made = {
  readonly claims?: { readonly [name: string]: unknown };
  readonly header?: { readonly [name: string]: unknown };
  readonly by?: Key;
};
function proofOf({ claims = {}, header = {}, by = own }: Made = {}): Promise<string> {
  made += 1;
  const said = {
    htm: 'POST',
    htu: URL_ASKED,
    iat: NOW / 1000,
    jti: `proof-number-${made}`,
    ath: digest,
    ...claims,
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(said)))
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: by.jwk, ...header } as { alg: string })
    .sign(by.key);
}

const admittedWith = (
  thumbprint: string | undefined,
  dpop: 'optional' | 'required' = 'optional',
  agent = 'coder',
): Admitted =>
  ({
    digest,
    principal: { agent } as Admitted['principal'],
    verified: {
      jkt: thumbprint,
      issuer: { config: { issuer: 'https://idp.example.com', dpop } as IssuerConfig },
    },
  }) as Admitted;
const shown = (proof?: string, more: Partial<Proven> = {}): Proven => ({
  scheme: 'dpop',
  method: 'POST',
  url: URL_ASKED,
  ...(proof === undefined ? {} : { proof }),
  ...more,
});
async function codeOf(checked: Promise<void>): Promise<RefusalCode | 'taken'> {
  try {
    await checked;
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof WorkloadRefusal, String(error));
    return error.code;
  }
}

describe('DPoP (RFC 9449)', () => {
  it('a proof of this request, token, key and moment is taken, once', async () => {
    const proofs = createProofs(() => NOW);
    const proof = await proofOf();
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'taken');
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'proof_replayed');
  });

  it('of many racers with one proof, one is let in', async () => {
    const proofs = createProofs(() => NOW);
    const proof = await proofOf();
    const codes = await Promise.all(
      Array.from({ length: 16 }, () => codeOf(proofs.check(admittedWith(jkt), shown(proof)))),
    );
    assert.equal(codes.filter((code) => code === 'taken').length, 1);
  });

  const table: readonly (readonly [string, Made])[] = [
    ['another method', { claims: { htm: 'GET' } }],
    ['another place', { claims: { htu: 'https://gate.example.com/mcp/other' } }],
    ['another host', { claims: { htu: 'https://evil.example.com/mcp/files' } }],
    ['another token', { claims: { ath: hash('sha256', 'another', 'base64url') } }],
    ['no token', { claims: { ath: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['a jti too short', { claims: { jti: 'x' } }],
    ['an iat too old', { claims: { iat: (NOW - PROOF_WINDOW_MS) / 1000 - 1 } }],
    ['an iat too far ahead', { claims: { iat: (NOW + PROOF_WINDOW_MS) / 1000 + 1 } }],
    ['an iat that is text', { claims: { iat: String(NOW / 1000) } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['a critical header', { header: { crit: ['b64'], b64: true } }],
  ];
  for (const [name, made_of] of table)
    it(`${name}: not taken`, async () => {
      const proofs = createProofs(() => NOW - 10 * PROOF_WINDOW_MS);
      const at = createProofs(() => NOW);
      const proof = await proofOf(made_of);
      assert.equal(await codeOf(at.check(admittedWith(jkt), shown(proof))), 'proof_wrong');
      assert.notEqual(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'taken');
    });

  it('another key, a private key, or a symmetric one: not taken', async () => {
    const proofs = createProofs(() => NOW);
    const check = async (made_of: Made) =>
      codeOf(proofs.check(admittedWith(jkt), shown(await proofOf(made_of))));
    assert.equal(await check({ by: other }), 'proof_wrong');
    assert.equal(
      await check({ header: { jwk: own.jwk }, by: other }),
      'proof_wrong',
      'our key, their signature',
    );
    assert.equal(await check({ header: { jwk: own.whole } }), 'proof_wrong');
    assert.equal(await check({ header: { jwk: { kty: 'oct', k: 'AAAA' } } }), 'proof_wrong');
  });

  it('a bound token as a bearer’s, or without proof; an unbound one that says it is bound', async () => {
    const proofs = createProofs(() => NOW);
    const proof = await proofOf();
    assert.equal(
      await codeOf(proofs.check(admittedWith(jkt), shown(proof, { scheme: 'bearer' }))),
      'proof_missing',
    );
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown())), 'proof_missing');
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), undefined)), 'proof_missing');
    assert.equal(await codeOf(proofs.check(admittedWith(undefined), shown(proof))), 'proof_missing');
    assert.equal(
      await codeOf(proofs.check(admittedWith(undefined, 'required'), shown(proof, { scheme: 'bearer' }))),
      'proof_missing',
    );
    assert.equal(
      await codeOf(proofs.check(admittedWith(undefined), shown(undefined, { scheme: 'bearer' }))),
      'taken',
    );
  });

  it('after a restart nothing made before it is taken: what was seen then is forgotten', async () => {
    const proofs = createProofs(() => NOW);
    const proof = await proofOf({ claims: { iat: NOW / 1000 - 5 } });
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'proof_wrong');
  });

  it('A21: an agent that floods fills its own share of what is remembered, and no other’s', async () => {
    const time = { now: NOW };
    const proofs = createProofs(() => time.now, { all: 5, agent: 2 });
    const check = async (agent: string): Promise<string> =>
      codeOf(
        proofs.check(
          admittedWith(jkt, 'optional', agent),
          shown(await proofOf({ claims: { iat: time.now / 1000 } })),
        ),
      );
    const flood = [await check('flood'), await check('flood'), await check('flood')];
    assert.deepEqual(flood, ['taken', 'taken', 'proofs_full']);
    assert.deepEqual([await check('calm'), await check('calm')], ['taken', 'taken']);
    assert.deepEqual([await check('third'), await check('fourth')], ['taken', 'proofs_full'], 'all full');
    time.now += 2 * PROOF_WINDOW_MS + 1000;
    assert.deepEqual([await check('flood'), await check('flood')], ['taken', 'taken'], 'and free again');
  });

  it('forgets a proof only when it could not be shown again', async () => {
    const time = { now: NOW };
    const proofs = createProofs(() => time.now);
    const proof = await proofOf({ claims: { iat: (NOW + PROOF_WINDOW_MS) / 1000 } });
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'taken');
    time.now = NOW + 2 * PROOF_WINDOW_MS;
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'proof_replayed');
    time.now += 1;
    assert.equal(await codeOf(proofs.check(admittedWith(jkt), shown(proof))), 'proof_wrong');
  });
});
