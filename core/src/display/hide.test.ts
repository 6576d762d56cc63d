import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../json/value.ts';
import { hideRedacted } from './hide.ts';
import { formatLine, type Redactions, renderJson } from './lines.ts';
import { keyPointer } from './pointer.ts';
import type { Redaction } from './redaction.ts';

const part = (start: number, end: number): Redaction => ({
  kind: 'secret',
  label: 'x',
  chars: end - start,
  range: { start, end },
});
const whole: Redaction = { kind: 'secret', label: 'x', chars: 6 };

const value: Json = {
  SECRET1: { deep: ['say SECRET2', 'SECRET3', 7] },
  'a/SECRET4': { password: 'SECRET5', plain: true },
  'a/SECRET6': [],
};
const redactions: Redactions = new Map([
  [keyPointer('/SECRET1'), [{ ...whole, chars: 7 }]],
  ['/SECRET1/deep/0', [part(4, 11)]],
  ['/SECRET1/deep/1', [whole]],
  [keyPointer('/a~1SECRET4'), [part(2, 9)]],
  ['/a~1SECRET4/password', [whole]],
  [keyPointer('/a~1SECRET6'), [part(2, 9)]],
]);

test('hideRedacted: what is hidden is gone, from values, keys and pointers', () => {
  const shown = hideRedacted(value, redactions);
  assert.doesNotMatch(JSON.stringify([shown.value, [...shown.redactions]]), /SECRET/);
  assert.equal(shown.redactions.size, redactions.size);
  assert.deepEqual(shown.value, {
    '███████': { deep: ['say ███████', null, 7] },
    'a/███████': { password: null, plain: true },
    'a/███████ 2': [],
  });
});

test('hideRedacted: the view made from it is the view made from the value itself', () => {
  const shown = hideRedacted(value, redactions);
  const own = renderJson(value, { redactions });
  const far = renderJson(shown.value, { redactions: shown.redactions });
  const text = far.lines.map(formatLine);
  assert.deepEqual(
    text.map((line) => line.replace('› " 2"', '›')),
    own.lines.map(formatLine),
  );
  assert.equal(far.complete, own.complete);
  assert.equal(far.partly_redacted.length, own.partly_redacted.length);
  assert.doesNotMatch(far.partly_redacted.join(), /SECRET/);
});

test('hideRedacted: nothing hidden, nothing changed', () => {
  assert.deepEqual(hideRedacted(value, new Map()), { value, redactions: new Map() });
});

test('A21: half a million hidden parts of one text take time that grows with the text alone', () => {
  const word = 'token= x; ';
  const count = 500_000;
  const text = word.repeat(count);
  const redactions = Array.from({ length: count }, (_, at) => ({
    kind: 'secret' as const,
    label: 'token',
    chars: 1,
    range: { start: at * word.length + 7, end: at * word.length + 8 },
  }));
  // One pass a part would be hours of work.
  const { value } = hideRedacted([text], new Map([['/0', redactions]]));
  assert.deepEqual(value, [text.replaceAll('x', '█')]);
});
