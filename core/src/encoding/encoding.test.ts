import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import { EncodingError } from './error.ts';
import { decodeHex, encodeHex } from './hex.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const ENCODINGS = {
  base64: { encode: encodeBase64, decode: decodeBase64, platform: 'base64' },
  base64url: { encode: encodeBase64Url, decode: decodeBase64Url, platform: 'base64url' },
  hex: { encode: encodeHex, decode: decodeHex, platform: 'hex' },
} as const;

for (const [name, { encode, decode, platform }] of Object.entries(ENCODINGS)) {
  test(`${name}: as the platform writes it, and back`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encode(bytes);
        assert.equal(text, Buffer.from(bytes).toString(platform));
        assert.deepEqual(decode(text), Uint8Array.from(bytes));
      }),
    );
  });

  test(`${name}: a text is decoded only if it is the one its bytes encode to`, () => {
    const alphabet = fc.constantFrom(...'ABCXYZabcxyz0189+/-_= \n.é\u0141');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 9 }), (text) => {
        try {
          assert.equal(encode(decode(text)), text);
        } catch (error) {
          assert.ok(error instanceof EncodingError, String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });
}

/** RFC 4648 §10. */
test("base64: the RFC's own examples", () => {
  const examples = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
  examples.forEach((text, length) => {
    assert.equal(encodeBase64(encodeUtf8('foobar'.slice(0, length))), text);
    assert.equal(decodeUtf8(decodeBase64(text)), 'foobar'.slice(0, length));
  });
});

const REFUSED: readonly {
  readonly decode: (text: string) => unknown;
  readonly text: string;
  readonly code: string;
}[] = [
  { decode: decodeBase64, text: 'Zg', code: 'bad-length' },
  { decode: decodeBase64, text: 'Zg=', code: 'bad-length' },
  { decode: decodeBase64, text: 'Z===', code: 'bad-character' },
  { decode: decodeBase64, text: '====', code: 'bad-character' },
  { decode: decodeBase64, text: 'Zh==', code: 'not-canonical' },
  { decode: decodeBase64, text: 'Zm9=', code: 'not-canonical' },
  { decode: decodeBase64, text: 'Zg==Zg==', code: 'bad-character' },
  { decode: decodeBase64, text: 'Zm9-', code: 'bad-character' },
  { decode: decodeBase64, text: 'Zm\n9', code: 'bad-character' },
  { decode: decodeBase64, text: 'Zm9\u0141', code: 'bad-character' },
  { decode: decodeBase64Url, text: 'Zg==', code: 'bad-character' },
  { decode: decodeBase64Url, text: 'Zm9+', code: 'bad-character' },
  { decode: decodeBase64Url, text: 'Z', code: 'bad-length' },
  { decode: decodeBase64Url, text: 'Zh', code: 'not-canonical' },
  { decode: decodeHex, text: 'a', code: 'bad-length' },
  { decode: decodeHex, text: 'AB', code: 'bad-character' },
  { decode: decodeHex, text: '0x', code: 'bad-character' },
  { decode: encodeUtf8, text: '\ud800', code: 'lone-surrogate' },
  { decode: () => decodeUtf8(Uint8Array.of(0xff)), text: '', code: 'invalid-utf8' },
];

for (const { decode, text, code } of REFUSED) {
  test(`${decode.name || 'decodeUtf8'} refuses ${JSON.stringify(text)}: ${code}`, () => {
    assert.throws(
      () => decode(text),
      (error) => error instanceof EncodingError && error.code === code,
    );
  });
}

test('UTF-8 keeps a byte order mark, so that two different inputs stay different', () => {
  assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\ufeffA');
});

test('equalBytes is equality', () => {
  const short = fc.uint8Array({ maxLength: 3, max: 2 });
  fc.assert(fc.property(short, short, (a, b) => equalBytes(a, b) === (Buffer.compare(a, b) === 0)));
  assert.ok(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)));
});

test('concatBytes puts parts in order', () => {
  assert.deepEqual(concatBytes(), new Uint8Array(0));
  assert.deepEqual(
    concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)),
    Uint8Array.of(1, 2, 3),
  );
});
