import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columns, fit, padEnd, wrap } from './text.ts';

test('columns as terminals count them', () => {
  const table: readonly (readonly [string, number])[] = [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['👩‍👩‍👧', 2],
    ['🇨🇭', 2],
    ['│ ─ ‹', 5],
    ['\\u{202E}', 8],
  ];
  for (const [text, want] of table) assert.equal(columns(text), want, text);
});

test('wrapping keeps within the width and loses nothing', () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom('some words and  more', ' ', '\\u{202E}', '‹secret: github-token, 40 characters›'),
  );
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 90 }), (given, width) => {
      const rows = wrap(given, width);
      assert.equal(rows.join(''), given);
      for (const row of rows) assert.ok(columns(row) <= width, row);
    }),
  );
});

test('an escape and a mark stay whole where they fit', () => {
  assert.deepEqual(wrap('abcdef\\u{202E}gh', 10), ['abcdef', '\\u{202E}gh']);
  assert.deepEqual(wrap('abcdef‹secret: x›gh', 12), ['abcdef', '‹secret: x›g', 'h']);
  assert.deepEqual(wrap('words and more‹secret: x›', 14), ['words and ', 'more', '‹secret: x›']);
});

test('what is cut says so', () => {
  assert.equal(fit('abcdef', 6), 'abcdef');
  assert.equal(fit('abcdefg', 6), 'abcde…');
  assert.equal(fit('漢字漢字', 5), '漢字…');
  assert.equal(padEnd('漢', 4), '漢  ');
});
