import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { folded, linesIn, patchLines } from './folded.ts';

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('');

test('what changed keeps a little around it; the rest is folded, counted', () => {
  const pieces = folded(
    `${numbered(0, 20)}old\n${numbered(20, 40)}`,
    `${numbered(0, 20)}new\n${numbered(20, 40)}`,
  );
  assert.deepEqual(
    pieces.map(({ kind, lines }) => [kind, lines.length]),
    [
      ['folded', 17],
      ['lines', 8],
      ['folded', 17],
    ],
  );
  assert.deepEqual(
    pieces[1]?.lines.filter(({ sign }) => sign !== ' '),
    [
      { sign: '-', text: 'old' },
      { sign: '+', text: 'new' },
    ],
  );
});

test('nothing that changed is ever folded, and both texts can be read back from the pieces', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 40 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = folded(before, after);
      const lines = pieces.flatMap((piece) => piece.lines);
      const without = (sign: string): string[] =>
        lines.filter((line) => line.sign !== sign).map((line) => line.text);
      assert.deepEqual(without('+'), [...linesIn(before)]);
      assert.deepEqual(without('-'), [...linesIn(after)]);
      for (const { kind, lines: some } of pieces)
        assert.ok(kind === 'lines' || some.every(({ sign }) => sign === ' '));
    }),
  );
});

test('a patch is lines with signs; its heads are no changes', () => {
  assert.deepEqual(patchLines('--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n'), [
    { sign: ' ', text: '--- a' },
    { sign: ' ', text: '+++ b' },
    { sign: ' ', text: '@@ -1 +1 @@' },
    { sign: '-', text: 'x' },
    { sign: '+', text: 'y' },
    { sign: ' ', text: 'z' },
  ]);
});

test('A1: a line taken away that begins with dashes is drawn as taken away', () => {
  assert.deepEqual(patchLines('--- a\n+++ b\n@@ -1,2 +1,1 @@\n--- deny all\n x\n').slice(3), [
    { sign: '-', text: '-- deny all' },
    { sign: ' ', text: 'x' },
  ]);
});
