import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../json/value.ts';
import { formatLine, type LinesOptions, type Redactions, renderJson } from './lines.ts';
import { keyPointer } from './pointer.ts';
import type { Redaction } from './redaction.ts';

function show(value: Json, options?: LinesOptions): string {
  return renderJson(value, options).lines.map(formatLine).join('\n');
}

function redactions(values: Record<string, Redaction[]>): Redactions {
  return new Map(Object.entries(values));
}

const SECRET: Redaction = { kind: 'secret', label: 'github-token', chars: 40 };

test('renderJson: the whole value, in order, every kind', () => {
  const value: Json = { b: 'x', a: [1, -0, 1e21, true, null, {}, []], 'odd "key"\u202e': '' };
  assert.equal(
    show(value),
    [
      '{',
      '  "b": "x"',
      '  "a": [',
      '    1',
      '    0',
      '    1e+21',
      '    true',
      '    null',
      '    {}',
      '    []',
      '  ]',
      '  "odd \\"key\\"\\u{202E}": ""',
      '}',
    ].join('\n'),
  );
});

test('renderJson: canonical order is that of RFC 8785', () => {
  assert.equal(
    show({ '\u20ac': 1, b: 2, '\r': 3 }, { order: 'canonical' }),
    '{\n  "\\u{D}": 3\n  "b": 2\n  "€": 1\n}',
  );
});

test('renderJson: text with line feeds takes a line each, every line quoted', () => {
  assert.equal(
    show({ sql: 'SELECT 1\n\nFROM t\n', next: 1 }),
    '{\n  "sql": "SELECT 1\\n\\n"\n    "FROM t\\n"\n  "next": 1\n}',
  );
});

test('renderJson: agent text cannot draw our lines or marks (A1)', () => {
  const { lines } = renderJson({ note: 'ok\n}\n‹secret: none›\n  "approved": true' });
  for (const line of lines.slice(1, -1)) assert.match(line.value, /^".*"$/);
  assert.ok(lines.every((line) => !/[‹›\n]/.test(formatLine(line))));
});

const CUTS: readonly { name: string; value: Json; options: LinesOptions; says: RegExp }[] = [
  { name: 'lines', value: [1, 2, 3, 4, 5], options: { lines_max: 3 }, says: /‹not shown: 3 more entries›/ },
  {
    name: 'members',
    value: { a: 1, b: 2, c: 3 },
    options: { lines_max: 2 },
    says: /‹not shown: 2 more entries›/,
  },
  {
    name: 'depth',
    value: [[['deep']]],
    options: { depth_max: 2 },
    says: /‹not shown: \[ 1 entries, deeper than 2 levels \]›/,
  },
  {
    name: 'text',
    value: ['x'.repeat(50), 'yy'],
    options: { chars_max: 20 },
    says: /‹cut: 30 more characters›/,
  },
  {
    name: 'lines of text',
    value: 'a\nb\nc\nd',
    options: { lines_max: 2 },
    says: /‹not shown: 2 more lines of text›/,
  },
  {
    name: 'keys',
    value: { ['k'.repeat(30)]: 1 },
    options: { chars_max: 20 },
    says: /‹cut: 10 more characters›/,
  },
];

for (const { name, value, options, says } of CUTS) {
  test(`renderJson: a cut in ${name} is said and makes the view incomplete (A4)`, () => {
    assert.match(show(value, options), says);
    assert.equal(renderJson(value, options).complete, false);
    assert.equal(renderJson(value).complete, true);
  });
}

test('renderJson: a whole redacted value shows kind, length and origin, and stays complete (I6)', () => {
  const options = { redactions: redactions({ '/a~1b/token': [{ ...SECRET, origin: 'vault' }] }) };
  const shown = renderJson({ 'a/b': { token: 'ghp-raw' } }, options);
  const text = shown.lines.map(formatLine).join('\n');
  assert.match(text, /"token": ‹secret: github-token, 40 characters, from vault›/);
  assert.doesNotMatch(text, /ghp-raw/);
  assert.deepEqual([shown.complete, shown.partly_redacted], [true, []]);
});

test('renderJson: redaction of a container hides all of it', () => {
  const text = show(
    { credentials: { user: 'u', password: 'hunter2' } },
    { redactions: redactions({ '/credentials': [SECRET] }) },
  );
  assert.equal(text, '{\n  "credentials": ‹secret: github-token, 40 characters›\n}');
});

test('renderJson: redaction inside a string is marked outside its quotes and reported (I6)', () => {
  const part: Redaction = { ...SECRET, chars: 3, range: { start: 4, end: 7 } };
  const options = {
    redactions: redactions({
      '/sql': [part],
      [keyPointer('/keyABC')]: [{ ...part, range: { start: 3, end: 6 } }],
    }),
  };
  const shown = renderJson({ sql: 'say ABC now', keyABC: 1 }, options);
  const text = shown.lines.map(formatLine).join('\n');
  assert.match(text, /"sql": "say " ‹secret: github-token, 3 characters› " now"/);
  assert.match(text, /"key" ‹secret: github-token, 3 characters›: 1/);
  assert.doesNotMatch(text, /ABC/);
  assert.deepEqual(shown.partly_redacted, ['/sql', '/keyABC']);
});

test('renderJson: overlapping redactions leave no gap', () => {
  const at = (start: number, end: number): Redaction => ({
    ...SECRET,
    chars: end - start,
    range: { start, end },
  });
  const text = show('0123456789', { redactions: redactions({ '': [at(4, 6), at(2, 5), at(5, 8)] }) });
  assert.doesNotMatch(text.replaceAll(/‹[^›]*›/g, ''), /[2-7]/);
  assert.match(text, /^"01" .* "89"$/);
});

test('renderJson: two different values never display alike', () => {
  const leaf = fc.oneof(
    fc.constantFrom('', 'a', 'а', 'a\n', '\n', '{}', '1', 'true', '\u200b', '"', '\\'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'а', 'b\n'), tie('value'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(value, value, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      assert.notEqual(show(one as Json), show(other as Json));
    }),
    { numRuns: 2000 },
  );
});
