import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { encodeHex } from '../encoding/hex.ts';
import { canonicalize } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import type { Json } from '../json/value.ts';
import { parseReviewDocument, type ReviewDocument, reviewChallenge, reviewDocumentText } from './document.ts';

type Vectors = {
  readonly documents: readonly {
    readonly name: string;
    readonly document: ReviewDocument;
    readonly canonical: string;
    readonly challenge: string;
  }[];
  readonly refused: readonly { readonly name: string; readonly change: Json; readonly path: string }[];
};
const vectors = parseJson(
  readFileSync(new URL('../../../conformance/vectors/review/documents.json', import.meta.url)),
) as unknown as Vectors;

describe('the document a reviewer signs', () => {
  for (const { name, document, canonical, challenge } of vectors.documents) {
    it(`has one text and one challenge: ${name}`, () => {
      assert.equal(reviewDocumentText(document), canonical);
      assert.equal(encodeHex(reviewChallenge(document)), challenge);
      assert.deepEqual(parseReviewDocument(canonical), document);
    });
  }

  const [first] = vectors.documents;
  assert.ok(first);
  for (const { name, change, path } of vectors.refused) {
    it(`is refused when it is not whole: ${name}`, () => {
      const text = canonicalize({ ...first.document, ...(change as object) } as Json);
      assert.throws(() => parseReviewDocument(text), { name: 'WireError', path });
    });
  }

  it('has another challenge when any member changes by one character', () => {
    const challenge = encodeHex(reviewChallenge(first.document));
    const flipped = (text: string): string => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
    for (const [key, value] of Object.entries(first.document)) {
      const other = typeof value === 'string' ? flipped(value) : typeof value === 'number' ? value + 1 : {};
      const changed = { ...first.document, [key]: other } as ReviewDocument;
      assert.notEqual(encodeHex(reviewChallenge(changed)), challenge, key);
    }
  });
});
