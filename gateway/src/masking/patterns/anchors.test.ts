import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NAMES } from '../labels.ts';
import { PERSONAL_PATTERNS } from '../personal/personal.ts';
import { createSampler, SECRET_SAMPLES } from '../testdata/samples.ts';
import { createPatternDetector, type Pattern, type Shape, shaped } from './pattern.ts';
import { PROVIDERS } from './providers.ts';
import { SECRET_PATTERNS } from './secrets.ts';
import { SHAPES } from './shapes.ts';
import { decodedView } from './view.ts';

const alone = (pattern: Pattern) =>
  createPatternDetector({ name: pattern.label, patterns: [pattern], hit_chars_max: 0 });

/** The same expression, tried everywhere: what looking at anchors alone must find too. */
const everywhere = ({ before: _before, digit_within: _digit, ...form }: Shape): Pattern =>
  shaped({ ...form, anchors: [] });

/** Pieces that begin, end and interrupt matches of every kind. */
function pieces(): readonly string[] {
  const draw = createSampler(17);
  const anchors = [...SHAPES, ...PROVIDERS].flatMap((shape) => shape.anchors);
  const samples = SECRET_SAMPLES.map(({ secret, within = (text: string) => text }) => within(secret(draw)));
  const glue = ['', ' ', '\n', '"', "'", '-', '_', '.', ':', '/', '@', '=', 'a', 'Z', '0', '9', 'x1'];
  const runs = [draw('abc123', 40), draw('ABCdef', 30), draw('0123456789abcdef', 36), '9'.repeat(9)];
  return [...new Set([...anchors, ...samples, ...glue, ...runs, 'discord.com', 'discordapp.com', 'sk-'])];
}

test('a shape tried at its anchors finds what it finds when tried everywhere', () => {
  const shapes = [...SHAPES, ...PROVIDERS].map((shape) => ({
    label: shape.label,
    anchored: alone(shaped(shape)),
    reference: alone(everywhere(shape)),
  }));
  const text = fc.array(fc.constantFrom(...pieces()), { maxLength: 12 }).map((parts) => parts.join(''));
  let found = 0;
  fc.assert(
    fc.property(text, (given) => {
      for (const { label, anchored, reference } of shapes) {
        const want = reference.find(given);
        found += want.length;
        assert.deepEqual(anchored.find(given), want, label);
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(found > 100, `only ${found} matches to compare`);
});

test('every shape is found by itself: no anchor fits nothing', () => {
  const draw = createSampler(5);
  const samples = SECRET_SAMPLES.map(({ secret, within = (text: string) => text }) => within(secret(draw)));
  for (const shape of [...SHAPES, ...PROVIDERS]) {
    const reference = alone(everywhere(shape));
    for (const sample of samples)
      assert.deepEqual(alone(shaped(shape)).find(sample), reference.find(sample), shape.label);
  }
});

test('every name that labels know holds an anchor, or its value would not be looked at', () => {
  const anchorsOf = (patterns: readonly Pattern[]): readonly string[] =>
    patterns.find(({ label }) => label === 'named-value')?.anchors ?? assert.fail('no named values');
  const by = { secret: anchorsOf(SECRET_PATTERNS), pii: anchorsOf(PERSONAL_PATTERNS) };
  const lost = NAMES.filter(
    ({ name, kind }) => !by[kind].some((anchor) => name.split(' ').some((word) => word.includes(anchor))),
  );
  assert.deepEqual(lost, []);
});

test('the view blanks escapes and nothing else, character for character', () => {
  const ESCAPES = /\\{1,4}(?:u00[0-7][0-9a-fA-F]|[nrtbf"'/])|%[2-7][0-9a-fA-F]/g;
  const blank = (found: string): string => {
    const code = /(?:u00|%)([0-9a-fA-F]{2})$/.exec(found)?.[1];
    const last = code === undefined ? found.slice(-1) : String.fromCharCode(Number.parseInt(code, 16));
    const kept = (code === undefined ? /["'/]/ : /[\x20-\x7e]/).test(last) ? last : ' ';
    return ' '.repeat(found.length - 1) + kept;
  };
  const piece = fc.constantFrom(
    '\\',
    '%',
    'u00',
    'n',
    '"',
    '/',
    '4',
    '1',
    '7',
    'f',
    'F',
    '2',
    'é',
    'x',
    ' ',
    '😀',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const view = decodedView(text);
      const starts = [...text.matchAll(ESCAPES)].map(({ index }) => index);
      assert.deepEqual(view?.blanked ?? [], starts);
      assert.equal(view?.text ?? text, text.replace(ESCAPES, blank));
    }),
    { numRuns: 5_000 },
  );
});
