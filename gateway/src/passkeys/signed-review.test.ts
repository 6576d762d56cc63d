import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import fc from 'fast-check';
import type { Twist } from '../../testing/authenticator.ts';
import { digest, ORIGIN, sampleSignedReview } from '../../testing/signed-review.ts';
import { ALGORITHMS, type AlgorithmName, NO_KEYS, type PinnedKey } from './passkeys.ts';
import { checkSignedReview, type Expected } from './signed-review.ts';
import { passkeySite } from './site.ts';

describe('a signed review', () => {
  it('holds no more with any one bit of any part of it changed', () => {
    const { review, expected } = sampleSignedReview();
    assert.ok(checkSignedReview(review, expected).ok);
    const parts = ['client_data', 'authenticator_data', 'signature'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(), fc.nat(7), (part, at, bit) => {
        const bytes = Buffer.from(review[part], 'base64url');
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        const changed = { ...review, [part]: bytes.toString('base64url') };
        assert.ok(!checkSignedReview(changed, expected).ok, `${part}[${index}] bit ${bit}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('holds no more with any one character of the document changed', () => {
    const { review, expected } = sampleSignedReview();
    const { document } = review;
    for (let at = 0; at < document.length; at += 1) {
      const other = document[at] === '1' ? '2' : '1';
      const changed = document.slice(0, at) + other + document.slice(at + 1);
      assert.ok(!checkSignedReview({ ...review, document: changed }, expected).ok, changed);
    }
  });

  const others: readonly (readonly [name: string, over: Partial<Expected>])[] = [
    ['request', { request_id: 'req_other' }],
    ['person', { reviewer: 'carol' }],
    ['decision', { decision: 'denied' }],
    ['action', { action_digest: digest('9') }],
    ['policy', { policy_digest: digest('9') }],
    ['gateway', { site: passkeySite('https://gate.example.net') }],
    ['set of keys', { keys: NO_KEYS }],
  ];
  for (const [name, over] of others)
    it(`is none for another ${name}`, () => {
      const { review, expected } = sampleSignedReview();
      assert.ok(!checkSignedReview(review, { ...expected, ...over }).ok);
    });

  it('is none where no passkey can be: the gateway has no name', () => {
    const { review, expected } = sampleSignedReview();
    const check = checkSignedReview(review, { ...expected, site: passkeySite('http://127.0.0.1:1') });
    assert.ok(!check.ok && /an address/.test(check.why));
  });

  it('is none by a key pinned under another algorithm', () => {
    const { review, expected, key } = sampleSignedReview('RS256');
    const keys = new Map([[key.credential_id, { ...key, algorithm: 'EdDSA' as const }]]);
    assert.ok(!checkSignedReview(review, { ...expected, keys }).ok);
  });
});

/** RFC 9053, for the other reader. */
function coseOf({ public_key, algorithm }: PinnedKey): Uint8Array<ArrayBuffer> {
  const jwk = public_key.export({ format: 'jwk' });
  const bytes = (text = ''): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'));
  const map = new Map<number, number | Uint8Array<ArrayBuffer>>([[3, ALGORITHMS[algorithm]]]);
  if (algorithm === 'RS256') map.set(1, 3).set(-1, bytes(jwk.n)).set(-2, bytes(jwk.e));
  else if (algorithm === 'EdDSA') map.set(1, 1).set(-1, 6).set(-2, bytes(jwk.x));
  else map.set(1, 2).set(-1, 1).set(-2, bytes(jwk.x)).set(-3, bytes(jwk.y));
  return isoCBOR.encode(map);
}

describe('and software not written here judges alike', () => {
  const twists: readonly (readonly [name: string, twist: Twist])[] = [
    ['nothing changed', {}],
    ['a registration', { type: 'webauthn.create' }],
    ['another challenge', { challenge: 'A'.repeat(43) }],
    ['another origin', { origin: 'https://gate.example.net' }],
    ['another site’s keys', { rp_id: 'gate.example.net' }],
    ['nobody present', { flags: 0x04 }],
    ['nobody verified', { flags: 0x01 }],
    ['another counter', { sign_count: 77 }],
  ];
  for (const algorithm of Object.keys(ALGORITHMS) as AlgorithmName[])
    for (const [name, twist] of twists)
      it(`${algorithm}, ${name}`, async () => {
        const { review, expected, key, challenge } = sampleSignedReview(algorithm, twist);
        const ours = checkSignedReview(review, expected).ok;
        const id = key.credential_id;
        const theirs = await verifyAuthenticationResponse({
          response: {
            id,
            rawId: id,
            type: 'public-key',
            clientExtensionResults: {},
            response: {
              clientDataJSON: review.client_data,
              authenticatorData: review.authenticator_data,
              signature: review.signature,
            },
          },
          expectedChallenge: challenge,
          expectedOrigin: ORIGIN,
          expectedRPID: 'gate.example.com',
          requireUserVerification: true,
          credential: { id, publicKey: coseOf(key), counter: 0 },
        }).then(
          ({ verified }) => verified,
          () => false,
        );
        assert.equal(ours, theirs);
        assert.equal(ours, name === 'nothing changed' || name === 'another counter');
      });
});
