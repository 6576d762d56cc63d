import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHex, encodeHex } from '../encoding/hex.ts';
import { encodeUtf8 } from '../encoding/utf8.ts';
import * as browser from './browser.ts';
import * as platform from './node.ts';

const BOTH = { browser, platform };

const DIGESTS: readonly { readonly name: string; readonly message: string; readonly want: string }[] = [
  {
    name: 'FIPS 180-4: abc',
    message: 'abc',
    want: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  { name: 'nothing', message: '', want: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  {
    name: 'FIPS 180-4: two blocks',
    message: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    want: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  },
  {
    name: '896 bits',
    message:
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
    want: 'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  },
  {
    name: 'FIPS 180-4: a million a',
    message: 'a'.repeat(1_000_000),
    want: 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  },
];

/** RFC 4231. */
const MACS: readonly {
  readonly name: string;
  readonly key: Uint8Array;
  readonly message: string;
  readonly want: string;
}[] = [
  {
    name: 'case 1',
    key: new Uint8Array(20).fill(0x0b),
    message: 'Hi There',
    want: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    name: 'case 2',
    key: encodeUtf8('Jefe'),
    message: 'what do ya want for nothing?',
    want: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    name: 'case 6, key longer than a block',
    key: new Uint8Array(131).fill(0xaa),
    message: 'Test Using Larger Than Block-Size Key - Hash Key First',
    want: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
];

for (const [where, { sha256, hmacSha256 }] of Object.entries(BOTH)) {
  for (const { name, message, want } of DIGESTS) {
    test(`${where}: SHA-256 of ${name}`, () => assert.equal(encodeHex(sha256(encodeUtf8(message))), want));
  }
  for (const { name, key, message, want } of MACS) {
    test(`${where}: HMAC-SHA256, RFC 4231 ${name}`, () =>
      assert.equal(encodeHex(hmacSha256(key, encodeUtf8(message))), want));
  }
  test(`${where}: every length around the block edges`, () => {
    for (let length = 0; length <= 200; length += 1) {
      const message = Uint8Array.from({ length }, (_, at) => at * 7);
      assert.equal(
        encodeHex(sha256(message)),
        createHash('sha256').update(message).digest('hex'),
        `length ${length}`,
      );
    }
  });
  test(`${where}: parts hash as one message`, () => {
    const parts = [0, 3, 70, 1].map((length) => Uint8Array.from({ length }, (_, at) => at + length));
    const [first = new Uint8Array(), ...rest] = parts;
    assert.deepEqual(sha256(first, ...rest), sha256(Uint8Array.from(parts.flatMap((part) => [...part]))));
  });
  test(`${where}: a view hashes as its own bytes, and an answer is never reused`, () => {
    const whole = Uint8Array.from({ length: 300 }, (_, at) => at);
    const first = sha256(whole.subarray(17, 217));
    const kept = encodeHex(first);
    assert.equal(kept, encodeHex(sha256(whole.slice(17, 217))));
    sha256(whole);
    assert.equal(encodeHex(first), kept);
    assert.equal(first.constructor, Uint8Array);
  });
}

test("the two agree, with the platform's HMAC too", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 150 }), (message, key) => {
      assert.deepEqual(browser.sha256(message), platform.sha256(message));
      assert.deepEqual(browser.hmacSha256(key, message), platform.hmacSha256(key, message));
      const want = createHmac('sha256', key).update(message).digest('hex');
      assert.equal(encodeHex(platform.hmacSha256(key, message)), want);
    }),
    { numRuns: 300 },
  );
});

test("the derived constants are FIPS 180-4's: one known answer needs all of them", () => {
  const once = browser.sha256(decodeHex('00'));
  assert.equal(encodeHex(once), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
});
