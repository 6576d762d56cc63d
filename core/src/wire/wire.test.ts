import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBase64 } from '../encoding/base64.ts';
import { encodeUtf8 } from '../encoding/utf8.ts';
import { canonicalize } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import type { Json } from '../json/value.ts';
import { type Envelope, envelopeToJson, preAuthEncoding, readEnvelope } from './dsse.ts';
import { WireError } from './error.ts';
import { derFromRaw, rawFromDer, verifyEs256 } from './es256.ts';
import { hashedRekordText } from './hashedrekord.ts';
import { isSealed, opens, seal } from './sealed.ts';

const bytes = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: min, maxLength: max });

test("DSSE: the specification's own pre-authentication encoding", () => {
  const pae = preAuthEncoding('http://example.com/HelloWorld', encodeUtf8('hello world'));
  assert.equal(Buffer.from(pae).toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  assert.equal(
    Buffer.from(preAuthEncoding('é', new Uint8Array(0))).toString(),
    'DSSEv1 2 é 0 ',
    'lengths count bytes',
  );
});

test('DSSE: envelopes round-trip', () => {
  const signature = fc.record({ keyid: fc.string({ minLength: 1 }), sig: bytes(1, 80) });
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      bytes(1, 200),
      fc.array(signature, { minLength: 1, maxLength: 3 }),
      (payloadType, payload, signatures) => {
        const envelope: Envelope = {
          payloadType,
          payload: Uint8Array.from(payload),
          signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: Uint8Array.from(sig) })),
        };
        assert.deepEqual(readEnvelope(parseJson(canonicalize(envelopeToJson(envelope)))), envelope);
      },
    ),
  );
});

const ENVELOPE = { payloadType: 't', payload: 'YQ==', signatures: [{ sig: 'YQ==' }] };
const BAD_ENVELOPES: readonly { readonly name: string; readonly value: Json; readonly path: string }[] = [
  { name: 'no object', value: null, path: 'envelope' },
  { name: 'a member too many', value: { ...ENVELOPE, extra: 1 }, path: 'envelope' },
  { name: 'no type', value: { ...ENVELOPE, payloadType: '' }, path: 'envelope.payloadType' },
  { name: 'url-safe base64', value: { ...ENVELOPE, payload: '_-8=' }, path: 'envelope.payload' },
  { name: 'base64 with unused bits', value: { ...ENVELOPE, payload: 'YR==' }, path: 'envelope.payload' },
  { name: 'no signatures', value: { ...ENVELOPE, signatures: [] }, path: 'envelope.signatures' },
  { name: 'signatures as an object', value: { ...ENVELOPE, signatures: {} }, path: 'envelope.signatures' },
  {
    name: 'a signature without sig',
    value: { ...ENVELOPE, signatures: [{ keyid: 'k' }] },
    path: 'envelope.signatures[0].sig',
  },
  {
    name: 'a certificate',
    value: { ...ENVELOPE, signatures: [{ sig: 'YQ==', cert: 'x' }] },
    path: 'envelope.signatures[0]',
  },
];

for (const { name, value, path } of BAD_ENVELOPES) {
  test(`DSSE: refuses ${name}, naming ${path}`, () => {
    assert.throws(
      () => readEnvelope(value),
      (error) => error instanceof WireError && error.path === path,
    );
  });
}

test('the leaf template writes what RFC 8785 writes', () => {
  fc.assert(
    fc.property(bytes(32, 32), bytes(64, 72), bytes(91, 91), (digest, signature, publicKey) => {
      const body = {
        kind: 'hashedrekord',
        apiVersion: '0.0.2',
        spec: {
          hashedRekordV002: {
            signature: {
              content: encodeBase64(signature),
              verifier: {
                publicKey: { rawBytes: encodeBase64(publicKey) },
                keyDetails: 'PKIX_ECDSA_P256_SHA_256',
              },
            },
            data: { digest: encodeBase64(digest), algorithm: 'SHA2_256' },
          },
        },
      };
      assert.equal(hashedRekordText({ digest, signature, publicKey }), canonicalize(body));
    }),
  );
});

test('sealed values open with their own salt and value only', () => {
  fc.assert(
    fc.property(bytes(16, 24), bytes(0, 40), fc.nat(), (salt, clear, pick) => {
      const sealed = seal(salt, clear);
      assert.ok(isSealed(parseJson(canonicalize(sealed))));
      assert.ok(opens(sealed, salt, clear));
      const other = Uint8Array.from(salt);
      other[pick % salt.length] = (other[pick % salt.length] ?? 0) ^ 1;
      assert.ok(!opens(sealed, other, clear));
      assert.ok(!opens(sealed, salt, Uint8Array.of(...clear, 0)));
    }),
  );
  assert.throws(() => seal(new Uint8Array(15), new Uint8Array(0)), RangeError);
  assert.ok(
    !opens(seal(new Uint8Array(16), new Uint8Array(0)), new Uint8Array(15), new Uint8Array(1)),
    'salt and value cannot trade bytes',
  );
});

test('only the exact shape is a commitment', () => {
  const { $sealed } = seal(new Uint8Array(16), new Uint8Array(0));
  const not: readonly (Json | undefined)[] = [
    undefined,
    null,
    [],
    {},
    { $sealed: {} },
    { $sealed: $sealed.digest },
    { $sealed, also: 1 },
    { $sealed: { ...$sealed, clear: 'x' } },
    { $sealed: { ...$sealed, alg: 'md5' } },
    { $sealed: { ...$sealed, digest: $sealed.digest.toUpperCase() } },
    { $sealed: { ...$sealed, digest: '00' } },
  ];
  for (const value of not) assert.ok(!isSealed(value), JSON.stringify(value));
});

test('ES256: DER and raw are two forms of one signature', () => {
  const half = fc.oneof(
    bytes(32, 32),
    fc.nat({ max: 3 }).map((last) => new Uint8Array(32).fill(last, 31)),
    fc.constant(new Uint8Array(32).fill(255)),
  );
  fc.assert(
    fc.property(half, half, (r, s) => {
      const raw = Uint8Array.of(...r, ...s);
      assert.deepEqual(rawFromDer(derFromRaw(raw)), raw);
    }),
  );
});

test('ES256: one spelling only, and no byte too many', () => {
  const der = derFromRaw(new Uint8Array(64).fill(1));
  const longer = Uint8Array.of(0x30, der.length - 1, 0x02, 33, 0, ...der.subarray(4));
  const spoiled = [
    new Uint8Array(0),
    der.subarray(1),
    der.subarray(0, -1),
    Uint8Array.of(...der, 0),
    longer,
    der.with(0, 0x31),
    der.with(1, 0x81),
    der.with(2, 3),
    der.with(4, 0x81),
    Uint8Array.of(0x30, 6, 2, 0, 2, 2, 1, 1),
  ];
  for (const bad of spoiled) assert.equal(rawFromDer(bad), undefined, Buffer.from(bad).toString('hex'));
});

test('ES256: WebCrypto verifies what the platform signs, and nothing else', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const message = encodeUtf8('message');
  for (let round = 0; round < 40; round += 1) {
    const signature = new Uint8Array(sign('sha256', message, privateKey));
    assert.ok(await verifyEs256(spki, message, signature));
    assert.deepEqual(derFromRaw(rawFromDer(signature) ?? assert.fail('not DER')), signature);
    const at = round % signature.length;
    assert.ok(!(await verifyEs256(spki, message, signature.with(at, (signature[at] ?? 0) ^ 1))));
  }
  const signature = new Uint8Array(sign('sha256', message, privateKey));
  assert.ok(!(await verifyEs256(spki, encodeUtf8('massage'), signature)));
  assert.ok(!(await verifyEs256(spki.subarray(1), message, signature)));
});
