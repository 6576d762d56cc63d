import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { createTerminal } from '../../testing/terminal.ts';
import { contained, hasColor, jsonLine, jsonText, painter } from './output.ts';

describe('colour', () => {
  const table: readonly (readonly [name: string, tty: boolean, env: NodeJS.ProcessEnv, want: boolean])[] = [
    ['on a terminal', true, { NO_COLOR: undefined }, true],
    ['not in a pipe', false, { NO_COLOR: undefined }, false],
    ['not against NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR says nothing', true, { NO_COLOR: '' }, true],
    ['not on a dumb terminal', true, { NO_COLOR: undefined, TERM: 'dumb' }, false],
  ];
  for (const [name, tty, env, want] of table)
    it(name, () => assert.equal(hasColor(createTerminal({ tty, env }).io), want));
  it('every style ends what it began', () => {
    const paint = painter(true);
    for (const style of ['bold', 'dim', 'accent', 'alarm'] as const)
      assert.match(paint(style, 'x'), /^(?:\x1b\[\d+(?:;\d+)*m)x(?:\x1b\[(?:22|39|22;39)m)$/);
    assert.equal(painter(false)('alarm', 'x'), 'x');
  });
});

test('A2, A3: JSON on a terminal is the same value, with nothing to obey or hide', () => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 2 });
  fc.assert(
    fc.property(value, (given) => {
      for (const text of [jsonText(given), jsonLine(given)]) {
        assert.doesNotMatch(text.replaceAll('\n', ''), /\p{C}|\p{Zl}|\p{Zp}/u);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(given)));
      }
      assert.doesNotMatch(jsonLine(given), /\n/);
    }),
  );
  assert.equal(jsonLine('\x1b\u202e\u{e0041}'), '"\\u001b\\u202e\\udb40\\udc41"');
});

test('text made visible once is not escaped again, and nothing slips through', () => {
  assert.equal(contained('a\\u{202E}b ‹secret: x›'), 'a\\u{202E}b ‹secret: x›');
  assert.equal(contained('a\x1b[2K\u202eb\nc'), 'a\\u{1B}[2K\\u{202E}b\\u{A}c');
});
