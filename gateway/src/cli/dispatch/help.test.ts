import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldUsage } from './help.ts';

test('a verb that is called in two ways has two synopses, each folded under its own name', () => {
  const long = '[--one VALUE] [--two VALUE] [--three VALUE] [--four VALUE] [--five VALUE]';
  assert.equal(
    foldUsage(`countersign do it FILE [--json]\n      countersign do it --all ${long}\n\n  FILE   which`),
    [
      'countersign do it FILE [--json]',
      'countersign do it --all [--one VALUE] [--two VALUE] [--three VALUE]',
      '                  [--four VALUE] [--five VALUE]',
      '',
      '  FILE   which',
    ].join('\n'),
  );
});

test('an option’s explanation goes on under where it began', () => {
  const usage = `countersign do\n\n  --an-option VALUE  ${'word '.repeat(16).trim()}`;
  const rows = foldUsage(usage).split('\n').slice(2);
  assert.equal(rows.length, 2);
  assert.match(rows[1] ?? '', /^ {21}word/);
});
