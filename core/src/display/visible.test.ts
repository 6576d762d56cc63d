import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { looksLike } from './lookalikes.ts';
import { escapeTerminal, type VisibleOptions, visible } from './visible.ts';

/** Reads our escapes back; the proof that nothing was lost or merged. */
function reveal(text: string): string {
  return text.replace(/\\u\{([0-9A-F]+)(?:\*(\d+))?\}/g, (_, hex: string, count = '1') =>
    String.fromCodePoint(Number.parseInt(hex, 16)).repeat(Number(count)),
  );
}

const HIDING =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|[\u115f\u1160\u2800\u3164\uffa0]|\u034f|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;

/** Text rich in what attackers use, so that properties are not tested on harmless strings only. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\',
        'u{',
        '\\u{41}',
        '{',
        '}',
        '*',
        ' ',
        '         ',
        '\n',
        '\t',
        '\r',
        '‹',
        '›',
        '"',
      ),
      fc.constantFrom(
        '\u202e',
        '\u2066',
        '\u200b',
        '\u200d',
        '\ufeff',
        '\u{e0041}',
        '\ufe0f',
        '\u00a0',
        '\u2028',
      ),
      fc.constantFrom(
        '\x1b[2K',
        '\x1b]8;;http://x\x07',
        '\x9b',
        '\x00',
        '\x7f',
        '\u0301',
        'e\u0301',
        'é',
        '\u212b',
      ),
      fc.constantFrom(
        'а',
        'a',
        'с',
        'c',
        'привет',
        'ο',
        'λόγος',
        'ａ',
        '𝐚',
        'ﬁ',
        'א',
        'ב',
        '٣',
        '가',
        '\u1100\u1161',
      ),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const MODES: readonly VisibleOptions[] = [{}, { multiline: true }, { mixed_direction: 'keep' }];

test('visible: nothing hidden survives', () => {
  fc.assert(
    fc.property(nasty, fc.constantFrom<VisibleOptions>(...MODES, { quoted: true }), (input, options) => {
      const shown = visible(input, options).text;
      assert.doesNotMatch(options.multiline === true ? shown.replaceAll('\n', '') : shown, HIDING);
      assert.doesNotMatch(shown, /[‹›]/);
      assert.doesNotMatch(shown, / {41}/);
    }),
    { numRuns: 3000 },
  );
});

test('visible: what is shown can be read back, so two inputs never display alike', () => {
  fc.assert(
    fc.property(nasty, fc.constantFrom<VisibleOptions>(...MODES), (input, options) => {
      assert.equal(reveal(visible(input, options).text), input);
    }),
    { numRuns: 3000 },
  );
});

test('visible: a quoted string can be read back', () => {
  const short: Record<string, string> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };
  fc.assert(
    fc.property(nasty, (input) => {
      const shown = visible(input, { quoted: true }).text;
      const back = shown.replace(/\\(?:u\{[0-9A-F]+(?:\*\d+)?\}|[nt"\\])/g, (found) =>
        found.startsWith('\\u') ? reveal(found) : (short[found.slice(1)] ?? 'unknown'),
      );
      assert.equal(back, input);
      assert.doesNotMatch(shown, /(?<!\\)(?:\\\\)*"/, 'a bare quotation mark would end the string');
    }),
    { numRuns: 3000 },
  );
});

test('visible: not even after a reader takes every look-alike for what it resembles (A3)', () => {
  const skeleton = (text: string) => [...text.normalize('NFC')].map(looksLike).join('');
  const letters = fc.constantFrom(
    'a',
    'а',
    'c',
    'с',
    'o',
    'о',
    'ο',
    'օ',
    'п',
    'я',
    'λ',
    '1',
    '_',
    ' ',
    'ａ',
    '𝒄',
    '/',
    '∕',
  );
  const word = fc.array(letters, { minLength: 1, maxLength: 5 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(word, word, (one, other) => {
      fc.pre(one !== other);
      assert.notEqual(skeleton(visible(one).text), skeleton(visible(other).text));
    }),
    { numRuns: 20_000 },
  );
});

test('visible: findings point at their characters', () => {
  fc.assert(
    fc.property(nasty, (input) => {
      const { text, findings } = visible(input, { findings_max: 1000 });
      for (const found of findings) {
        assert.equal(input.codePointAt(found.offset), found.code_point);
        const shown = text.slice(found.shown_offset, found.shown_offset + found.shown_length);
        assert.match(shown, /^(?:\\u\{[0-9A-F]+(?:\*\d+)?\})+$/);
        assert.ok(
          input.slice(found.offset, found.offset + found.length).startsWith(reveal(shown).slice(0, 1)),
        );
      }
    }),
  );
});

const CASES: readonly {
  name: string;
  input: string;
  want: string;
  kinds: string[];
  options?: VisibleOptions;
}[] = [
  {
    name: 'plain text is untouched',
    input: 'rm -rf ./build && echo "done" \\o/',
    want: 'rm -rf ./build && echo "done" \\o/',
    kinds: [],
  },
  {
    name: 'accents and emoji are untouched',
    input: 'Überweisung façade 東京 → ok ✅',
    want: 'Überweisung façade 東京 → ok ✅',
    kinds: [],
  },
  {
    name: 'signs are untouched',
    input: '5 µs ± 2 %, ½ © ™ № “so” – it’s…',
    want: '5 µs ± 2 %, ½ © ™ № “so” – it’s…',
    kinds: [],
  },
  { name: 'double-struck letters', input: 'ℝm', want: '\\u{211D}m', kinds: ['homoglyph'] },
  { name: 'Greek mu for micro', input: '5 μs', want: '5 \\u{3BC}s', kinds: ['mixed-script'] },
  { name: 'words of one other script are untouched', input: 'привет мир', want: 'привет мир', kinds: [] },
  { name: 'right-to-left text alone is untouched', input: 'שלום עולם', want: 'שלום עולם', kinds: [] },
  { name: 'bidi override (CVE-2021-42574)', input: 'a\u202eb', want: 'a\\u{202E}b', kinds: ['bidi'] },
  { name: 'erase line (A2)', input: '\x1b[2Kok', want: '\\u{1B}[2Kok', kinds: ['ansi'] },
  { name: 'C1 CSI', input: '\u009b2J', want: '\\u{9B}2J', kinds: ['ansi'] },
  { name: 'carriage return', input: 'bad\rgood', want: 'bad\\u{D}good', kinds: ['control'] },
  { name: 'zero width', input: 'pass\u200bword', want: 'pass\\u{200B}word', kinds: ['zero-width'] },
  {
    name: 'tag characters collapse',
    input: `x${'\u{e0041}'.repeat(9)}`,
    want: 'x\\u{E0041*9}',
    kinds: ['tag'],
  },
  { name: 'variation selector', input: 'a\ufe01', want: 'a\\u{FE01}', kinds: ['variation-selector'] },
  { name: 'no-break space', input: 'a\u00a0b', want: 'a\\u{A0}b', kinds: ['space'] },
  {
    name: 'spaces hiding a suffix (CVE-2026-32065)',
    input: `ls${' '.repeat(200)}; rm x`,
    want: 'ls\\u{20*200}; rm x',
    kinds: ['whitespace-run'],
  },
  { name: 'trailing space', input: 'ls ', want: 'ls\\u{20}', kinds: ['whitespace-run'] },
  {
    name: 'empty lines hiding a suffix',
    input: `ls${'\n'.repeat(50)}rm`,
    want: 'ls\\u{A*50}rm',
    kinds: ['whitespace-run'],
    options: { multiline: true },
  },
  {
    name: 'line feeds can pose as our lines (A1)',
    input: 'x\napproved',
    want: 'x\\u{A}approved',
    kinds: ['control'],
  },
  { name: 'Cyrillic а in a Latin word', input: 'pаypal', want: 'p\\u{430}ypal', kinds: ['mixed-script'] },
  {
    name: 'a word wholly of look-alikes',
    input: 'сор',
    want: '\\u{441}\\u{43E}\\u{440}',
    kinds: ['homoglyph', 'homoglyph', 'homoglyph'],
  },
  { name: 'Greek omicron', input: 'rοot', want: 'r\\u{3BF}ot', kinds: ['mixed-script'] },
  { name: 'fullwidth', input: 'ｒｍ', want: '\\u{FF52}\\u{FF4D}', kinds: ['homoglyph', 'homoglyph'] },
  { name: 'mathematical', input: '𝐫m', want: '\\u{1D42B}m', kinds: ['homoglyph'] },
  { name: 'division slash', input: 'a∕b', want: 'a\\u{2215}b', kinds: ['homoglyph'] },
  { name: 'decomposed accent', input: 'e\u0301', want: 'e\\u{301}', kinds: ['combining'] },
  { name: 'decomposed Cyrillic', input: 'трои\u0306ка', want: 'трои\\u{306}ка', kinds: ['combining'] },
  {
    name: 'decomposed Hangul',
    input: '\u1112\u1161',
    want: '\\u{1112}\\u{1161}',
    kinds: ['combining', 'combining'],
  },
  { name: 'an orphan mark', input: '"\u0301', want: '"\\u{301}', kinds: ['combining'] },
  {
    name: 'a tower of marks',
    input: `я${'\u0321'.repeat(9)}`,
    want: `я${'\u0321'.repeat(4)}\\u{321*5}`,
    kinds: ['combining'],
  },
  {
    name: 'a second code point for one glyph',
    input: '\u212bke;\u037e',
    want: '\\u{212B}ke;\\u{37E}',
    kinds: ['homoglyph', 'homoglyph'],
  },
  { name: 'a foreign digit', input: '৪00', want: '\\u{9EA}00', kinds: ['homoglyph'] },
  {
    name: 'right-to-left beside digits',
    input: 'id=1אב',
    want: 'id=1\\u{5D0}\\u{5D1}',
    kinds: ['mixed-direction', 'mixed-direction'],
  },
  { name: 'lone surrogate', input: 'a\ud800', want: 'a\\u{D800}', kinds: ['surrogate'] },
  {
    name: 'our own marks cannot be forged',
    input: '‹secret: x›',
    want: '\\u{2039}secret: x\\u{203A}',
    kinds: ['reserved', 'reserved'],
  },
  {
    name: 'our own escapes cannot be forged',
    input: '\\u{202E}',
    want: '\\u{5C}u{202E}',
    kinds: ['literal-escape'],
  },
  {
    name: 'a backslash before an escape',
    input: '\\\u202e',
    want: '\\u{5C}\\u{202E}',
    kinds: ['literal-escape', 'bidi'],
  },
  { name: 'quoted', input: 'a"b\\c\n\td', want: 'a\\"b\\\\c\\n\\td', kinds: [], options: { quoted: true } },
  {
    name: 'cut',
    input: 'x'.repeat(12),
    want: 'xxxxxxxxxx‹cut: 2 more characters›',
    kinds: [],
    options: { chars_max: 10 },
  },
];

for (const { name, input, want, kinds, options } of CASES) {
  test(`visible: ${name}`, () => {
    const shown = visible(input, options);
    assert.equal(shown.text, want);
    assert.deepEqual(
      shown.findings.map((found) => found.kind),
      kinds,
    );
    assert.equal(shown.complete, options?.chars_max === undefined);
  });
}

test('visible: no character of the planes in use is hidden, ignorable or a space of another kind', () => {
  const HIDDEN = /\p{Default_Ignorable_Code_Point}|[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|[^ \P{Zs}]/u;
  for (const plane of [0, 1, 0xe]) {
    for (let cp = plane << 16; cp < (plane + 1) << 16; cp += 1) {
      const shown = visible(`x${String.fromCodePoint(cp)}x`).text;
      if (HIDDEN.test(shown)) assert.fail(`U+${cp.toString(16)} is shown as itself`);
    }
  }
});

test('visible: every control of CVE-2021-42574 is named', () => {
  for (const cp of [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]) {
    const [found] = visible(`a${String.fromCodePoint(cp)}b`).findings;
    assert.deepEqual([found?.kind, found?.code_point, found?.offset], ['bidi', cp, 1]);
  }
});

test('visible: an ANSI finding covers its whole sequence', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['\x1b[31mred', 5],
    ['\x1b]8;;http://evil.test\x07label', 22],
    ['\x1b]0;title\x1b\\rest', 11],
    ['\x1bcreset', 2],
  ];
  for (const [input, length] of cases)
    assert.equal(visible(input).findings[0]?.length, length, JSON.stringify(input));
});

test('visible: findings are bounded, and counted beyond the bound', () => {
  const { findings, findings_total, text } = visible('\x00\x01'.repeat(5000), { findings_max: 10 });
  assert.equal(findings.length, 10);
  assert.equal(findings_total, 10_000);
  assert.ok(text.length > 10_000);
});

test('escapeTerminal: keeps lines, obeys nothing', () => {
  assert.equal(escapeTerminal('one\n\x1b]0;owned\x07two\n'), 'one\n\\u{1B}]0;owned\\u{7}two\n');
});
