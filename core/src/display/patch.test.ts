import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchSigns } from './patch.ts';

const signs = (...lines: readonly string[]): string =>
  patchSigns(lines)
    .map(({ sign, head }) => (head ? 'h' : sign === ' ' ? '.' : sign))
    .join('');

test('A1, A4: a line that goes or comes is no head for how it begins', () => {
  const cases: readonly (readonly [string, string])[] = [
    [signs('--- a', '+++ b', '@@ -1 +1 @@', '-x', '+y'), 'hhh-+'],
    [signs('--- a', '+++ b', '@@ -1,2 +1 @@', '--- deny all', ' x'), 'hhh-.'],
    [signs('--- a', '+++ b', '@@ -1 +1,2 @@', '+++ allow all', ' x'), 'hhh+.'],
    [signs('--- a', '+++ b', '@@ -1 +1 @@', '--- a', '+++ b', '@@ -9 +9 @@', '--- c', '+d'), 'hhh-+h-+'],
    [
      signs('--- a', '+++ b', '@@ -1 +1 @@', '-x', '\\ No newline at end of file', '+y', '--- c', '+++ d'),
      'hhh-h+hh',
    ],
    // Without hunks, as it looks.
    [signs('-x', '+y', ' z', '--- a'), '-+.h'],
  ];
  for (const [got, want] of cases) assert.equal(got, want);
});
