import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inOneBuffer, linesOf } from './bytes.ts';

const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 });

describe('texts as bytes', () => {
  it('are those of each text, side by side', () => {
    fc.assert(
      fc.property(texts, (given) => {
        assert.deepEqual(
          inOneBuffer(given).map((bytes) => bytes.toString('utf8')),
          given,
        );
      }),
    );
  });

  it('as lines end in one line feed each', () => {
    fc.assert(
      fc.property(texts, (given) => {
        assert.equal(linesOf(given).toString('utf8'), given.map((text) => `${text}\n`).join(''));
      }),
    );
  });
});
