import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readMessage, WireError, writeAnswer, writeMessage, writeWireError } from './message.ts';

const LIMITS = { bytes_max: 4096, depth_max: 16 };
type Bad = {
  readonly name: string;
  readonly text: string;
  readonly status: number;
  readonly code: number;
  readonly says: string;
};
const corpus = JSON.parse(
  readFileSync(new URL('../testdata/bad-messages.json', import.meta.url), 'utf8'),
) as Bad[];

describe('what is not a message is refused, with the place and the fix', () => {
  for (const { name, text, status, code, says } of corpus) {
    it(name, () => {
      assert.throws(
        () => readMessage(text, LIMITS),
        (error) => {
          assert.ok(error instanceof WireError);
          assert.equal(error.status, status);
          assert.equal(error.code, code);
          assert.match(error.message, new RegExp(says));
          return true;
        },
      );
    });
  }

  it('is refused for its size and depth before it is understood', () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"x","params":${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`;
    assert.throws(() => readMessage(deep, LIMITS), { status: 413 });
    assert.throws(() => readMessage(`{"jsonrpc":"2.0","method":"${'x'.repeat(5000)}"}`, LIMITS), {
      status: 413,
    });
  });
});

it('what the gateway writes it reads back alike', () => {
  const id = fc.oneof(fc.string({ maxLength: 20, unit: 'grapheme' }), fc.integer());
  const params = fc.dictionary(
    fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__'),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null)),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(id, params, (someId, someParams) => {
      const request = { kind: 'request', id: someId, method: 'm', params: someParams } as const;
      assert.deepEqual(readMessage(writeMessage(request), { bytes_max: 100_000, depth_max: 16 }), request);
      const answer = readMessage(writeAnswer(someId, { result: someParams }), {
        bytes_max: 100_000,
        depth_max: 16,
      });
      assert.deepEqual(answer, { kind: 'response', id: someId, result: someParams });
    }),
  );
});

it('an error names the request it answers', () => {
  const error = new WireError('no', { status: 400, code: -32600 });
  assert.deepEqual(JSON.parse(writeWireError(error, 7)), {
    jsonrpc: '2.0',
    id: 7,
    error: { code: -32600, message: 'no' },
  });
});
