import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeBase64Url } from '../encoding/base64.ts';
import { type Assertion, type AssertionFault, type AssertionWant, readAssertion } from './assertion.ts';

const challenge = new Uint8Array(32).fill(9);
const ORIGIN = 'https://gate.example.com';
const want: AssertionWant = { challenge, origins: [ORIGIN], rp_id: 'gate.example.com' };
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

const DATA = {
  type: 'webauthn.get',
  challenge: encodeBase64Url(challenge),
  origin: ORIGIN,
  crossOrigin: false,
};
type Over = {
  readonly data?: object | string;
  readonly rp_id?: string;
  readonly flags?: number;
  readonly more?: number;
};

function made({ data = {}, rp_id = want.rp_id, flags = 0x05, more = 0 }: Over = {}): Assertion {
  const text = typeof data === 'string' ? data : JSON.stringify({ ...DATA, ...data });
  const counter = Buffer.from([0, 0, 1, 2]);
  return {
    client_data: new TextEncoder().encode(text),
    authenticator_data: new Uint8Array(
      Buffer.concat([sha256(rp_id), Buffer.of(flags), counter, Buffer.alloc(more)]),
    ),
    signature: new Uint8Array(70),
  };
}

const refused: readonly (readonly [name: string, over: Over, why: AssertionFault])[] = [
  ['no JSON', { data: 'yes, go ahead' }, 'client_data'],
  ['a list', { data: '[]' }, 'client_data'],
  ['the type twice', { data: '{"type":"webauthn.get","type":"webauthn.get"}' }, 'client_data'],
  ['a registration', { data: { type: 'webauthn.create' } }, 'type'],
  ['another challenge', { data: { challenge: encodeBase64Url(new Uint8Array(32)) } }, 'challenge'],
  ['the challenge padded', { data: { challenge: `${DATA.challenge}=` } }, 'challenge'],
  ['another site', { data: { origin: 'https://gate.example.net' } }, 'origin'],
  ['the same name over http', { data: { origin: 'http://gate.example.com' } }, 'origin'],
  ['another port', { data: { origin: 'https://gate.example.com:8443' } }, 'origin'],
  ['inside another page', { data: { crossOrigin: true } }, 'cross_origin'],
  ['inside another page, said as text', { data: { crossOrigin: 'false' } }, 'cross_origin'],
  ['with a top origin', { data: { topOrigin: 'https://evil.example' } }, 'cross_origin'],
  ['keys of another site', { rp_id: 'example.com' }, 'rp_id'],
  ['nobody there', { flags: 0x04 }, 'user_presence'],
  ['touched by anyone', { flags: 0x01 }, 'user_verification'],
  ['with a new key in it', { flags: 0x45 }, 'authenticator_data'],
  ['extensions said and not there', { flags: 0x85 }, 'authenticator_data'],
  ['extensions there and not said', { more: 3 }, 'authenticator_data'],
  ['backed up and never could be', { flags: 0x15 }, 'authenticator_data'],
];

describe('reading an assertion', () => {
  it('gives what must be signed, and the counter', () => {
    const assertion = made();
    const read = readAssertion(assertion, want);
    assert.ok(read.ok);
    assert.equal(read.sign_count, 258);
    const wanted = Buffer.concat([assertion.authenticator_data, sha256(assertion.client_data)]);
    assert.deepEqual(Buffer.from(read.signed), wanted);
  });

  for (const [name, over] of [
    ['members a later browser adds', { data: { other_keys_can_be_added_here: 'see goo.gl/yabPex' } }],
    ['no word of other origins', { data: { crossOrigin: undefined } }],
    ['a synced passkey', { flags: 0x1d }],
    ['extensions', { flags: 0x85, more: 8 }],
  ] as const)
    it(`takes ${name}`, () => assert.ok(readAssertion(made(over), want).ok));

  for (const [name, over, why] of refused)
    it(`refuses ${name}`, () => assert.deepEqual(readAssertion(made(over), want), { ok: false, why }));

  it('takes it from a related origin, and says which; from no other for that', () => {
    const related = { ...want, origins: ['https://jira.example.com'] };
    const read = readAssertion(made({ data: { origin: 'https://jira.example.com' } }), related);
    assert.ok(read.ok && read.origin === 'https://jira.example.com');
    for (const origin of [ORIGIN, 'https://jira.example.com.evil.example', 'https://jira.example.com/'])
      assert.deepEqual(readAssertion(made({ data: { origin } }), related), { ok: false, why: 'origin' });
    assert.deepEqual(readAssertion(made(), { ...want, origins: [] }), { ok: false, why: 'origin' });
  });

  it('refuses what is larger than any authenticator makes (I15)', () => {
    for (const part of ['client_data', 'authenticator_data', 'signature'] as const) {
      const large = { ...made(), [part]: new Uint8Array(4097) };
      assert.deepEqual(readAssertion(large, want), { ok: false, why: 'too_large' });
    }
  });

  it('reads a view into a larger buffer as itself', () => {
    const { authenticator_data, ...rest } = made();
    const larger = new Uint8Array(100).fill(0xff);
    larger.set(authenticator_data, 40);
    const view = larger.subarray(40, 40 + authenticator_data.length);
    const read = readAssertion({ ...rest, authenticator_data: view }, want);
    assert.ok(read.ok && read.sign_count === 258);
  });

  it('never throws, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (client_data, authenticator_data, signature) => {
        assert.ok(!readAssertion({ client_data, authenticator_data, signature }, want).ok);
      }),
    );
  });
});
