import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { vectors } from '../../testing/vectors.ts';
import { decodeHex } from '../encoding/hex.ts';
import { canonicalize } from './canonical.ts';
import { JsonError } from './error.ts';
import { locate } from './locate.ts';
import { isExactNumber } from './number.ts';
import { JSON_DEPTH_CEILING, JSON_DEPTH_MAX, parseJson } from './parse.ts';
import { isJsonObject, member } from './value.ts';

type Accepted = { readonly cases: readonly { readonly text: string; readonly canonical: string }[] };
type Refusal = {
  readonly name: string;
  readonly text?: string;
  readonly bytes_hex?: string;
  readonly code: string;
  readonly offset: number;
  readonly depth_max?: number;
  readonly bytes_max?: number;
};

const utf8 = new TextEncoder();

function refusalOf(input: string | Uint8Array, limits = {}): JsonError {
  try {
    parseJson(input, limits);
  } catch (error) {
    assert.ok(error instanceof JsonError, String(error));
    return error;
  }
  return assert.fail('accepted');
}

test('accepts what the vectors accept, from text and from bytes', () => {
  for (const { text, canonical } of vectors<Accepted>('json/accepted.json').cases) {
    assert.equal(canonicalize(parseJson(text)), canonical, text);
    assert.equal(canonicalize(parseJson(utf8.encode(text))), canonical, text);
    assert.deepEqual(parseJson(text), JSON.parse(text));
  }
});

for (const { name, text, bytes_hex, code, offset, ...limits } of vectors<{ cases: readonly Refusal[] }>(
  'json/refused.json',
).cases) {
  test(`A6: refuses ${name}`, () => {
    const error = refusalOf(text ?? decodeHex(bytes_hex ?? ''), limits);
    assert.deepEqual({ code: error.code, offset: error.offset }, { code, offset }, error.message);
    if (text?.isWellFormed())
      assert.equal(refusalOf(utf8.encode(text), limits).code, code, 'the same from bytes');
  });
}

test('says line and column, and never the value', () => {
  const error = refusalOf('{\n  "password": "hunter2",\n  "password": "hunter3"\n}');
  assert.deepEqual([error.line, error.column], [3, 3]);
  assert.match(error.message, /line 3, column 3/);
  assert.doesNotMatch(error.message, /hunter|password/);
});

test('invalid UTF-8 is placed by line too', () => {
  const error = refusalOf(Uint8Array.of(0x5b, 0x0a, 0x22, 0xff));
  assert.deepEqual([error.offset, error.line, error.column], [3, 2, 2]);
});

test('A6: __proto__ is an ordinary own key', () => {
  const value = parseJson('{"__proto__":{"admin":true},"a":1}');
  assert.ok(isJsonObject(value));
  assert.deepEqual(Object.keys(value), ['__proto__', 'a']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(member(value, 'admin'), undefined);
  assert.deepEqual(member(value, '__proto__'), { admin: true });
  assert.equal(member(value, 'constructor'), undefined);
});

test('limits count exactly', () => {
  assert.deepEqual(parseJson('[[1]]', { depth_max: 2 }), [[1]]);
  assert.equal(refusalOf('[[1]]', { depth_max: 1 }).code, 'too-deep');
  assert.equal(parseJson('1', { depth_max: 0 }), 1);
  assert.equal(parseJson('"€€"', { bytes_max: 8 }), '€€');
  assert.equal(refusalOf('"€€"', { bytes_max: 7 }).code, 'too-large');
  assert.equal(parseJson('"😀"', { bytes_max: 6 }), '😀');
  assert.equal(refusalOf('"😀"', { bytes_max: 5 }).code, 'too-large');
  assert.ok(parseJson('['.repeat(JSON_DEPTH_MAX) + ']'.repeat(JSON_DEPTH_MAX)));
  assert.throws(() => parseJson('1', { depth_max: JSON_DEPTH_CEILING + 1 }), RangeError);
  assert.throws(() => parseJson('1', { depth_max: Number.NaN }), RangeError);
  assert.throws(() => parseJson('1', { bytes_max: Number.NaN }), RangeError);
});

test('A21: ten megabytes of brackets or of digits end in a refusal', () => {
  assert.equal(refusalOf('['.repeat(10_000_000)).code, 'too-deep');
  assert.equal(refusalOf(`1${'0'.repeat(9_999_990)}1`).code, 'inexact-number');
  assert.equal(refusalOf(`0.${'0'.repeat(9_999_990)}1`).code, 'inexact-number');
});

/** Whole-number arithmetic, to hold the quick comparison against: does the double equal the decimal the token writes, or is it that double's shortest form? */
function sameDecimal(left: string, right: string): boolean {
  const scale = ([mantissa = '', power = '0']: readonly string[]): { digits: bigint; exponent: number } => {
    const [whole = '', fraction = ''] = mantissa.split('.');
    return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
  };
  const a = scale(left.toLowerCase().split('e'));
  const b = scale(right.toLowerCase().split('e'));
  const least = Math.min(a.exponent, b.exponent);
  return a.digits * 10n ** BigInt(a.exponent - least) === b.digits * 10n ** BigInt(b.exponent - least);
}

const decimal = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.nat({ max: 10 ** 9 }),
    fc.option(fc.stringMatching(/^[0-9]{1,20}$/)),
    fc.option(fc.integer({ min: -340, max: 320 })),
  )
  .map(
    ([sign, whole, fraction, power]) =>
      `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${power === null ? '' : `e${power}`}`,
  );

test('a number is exact when and only when its double is written as the same decimal', () => {
  fc.assert(
    fc.property(
      fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
      (token) => {
        const value = Number(token);
        const want = Number.isFinite(value) && !Object.is(value, -0) && sameDecimal(token, String(value));
        assert.equal(isExactNumber(token), want, token);
      },
    ),
    { numRuns: 5000 },
  );
});

test('every finite double survives being written and parsed', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      fc.pre(!Object.is(value, -0));
      return parseJson(JSON.stringify(value)) === value;
    }),
    { numRuns: 2000 },
  );
});

/** JSON, and JSON with a piece cut, doubled, or replaced by something that matters to a parser. */
const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '0',
  '-',
  '.',
  'e5',
  '9007199254740993',
  '"a":1,',
  '\\ud800',
  '\\u0061',
  'true',
  '\n',
  '\ufeff',
  '"__proto__":1,',
];
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.constantFrom(...PIECES)), { maxLength: 3 }),
  )
  .map(([text, edits]) =>
    edits.reduce((current, [place, cut, piece]) => {
      const at = place % (current.length + 1);
      return current.slice(0, at) + piece + current.slice(at + cut);
    }, text),
  );

/** What JSON.parse lets through and we do not. */
const HIDDEN = ['duplicate-key', 'inexact-number', 'lone-surrogate'];

test('fuzz: agrees with JSON.parse but for what JSON.parse hides', () => {
  let refused = 0;
  fc.assert(
    fc.property(nearlyJson, (text) => {
      const native = attempt(() => JSON.parse(text) as unknown);
      const strict = attempt(() => parseJson(text));
      if (strict.ok) {
        assert.ok(native.ok, text);
        assert.deepEqual(strict.value, native.value);
        assert.deepEqual(
          parseJson(canonicalize(parseJson(text))),
          native.value,
          'the canonical form is the same value',
        );
        locate(text, JSON_DEPTH_MAX);
      } else {
        refused += 1;
        assert.ok(strict.error instanceof JsonError);
        assert.notEqual(
          strict.error.message.startsWith('The text is not JSON'),
          true,
          `unexplained: ${text}`,
        );
        if (native.ok) assert.ok(HIDDEN.includes(strict.error.code), `${strict.error.code}: ${text}`);
      }
    }),
    { numRuns: 8000 },
  );
  assert.ok(refused > 1000, 'the fuzz reaches bad texts');
});

test('fuzz: bytes never do anything but parse or be refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const strict = attempt(() => parseJson(bytes));
      if (!strict.ok) assert.ok(strict.error instanceof JsonError, String(strict.error));
    }),
    { numRuns: 3000 },
  );
});

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

function attempt(run: () => unknown): Outcome {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, error };
  }
}
