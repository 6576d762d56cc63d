import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { vectors } from '../../testing/vectors.ts';
import { CanonicalError, canonicalBytes, canonicalize } from './canonical.ts';
import { JSON_DEPTH_CEILING, parseJson } from './parse.ts';
import type { Json } from './value.ts';

type Numbers = { readonly cases: readonly { readonly ieee754: string; readonly want: string | null }[] };
type Values = {
  readonly cases: readonly { readonly name: string; readonly value_text: string; readonly want: string }[];
};

for (const { ieee754, want } of vectors<Numbers>('jcs/numbers.json').cases) {
  test(`RFC 8785 appendix B: ${ieee754} is ${want ?? 'refused'}`, () => {
    const value = new DataView(bits(ieee754)).getFloat64(0);
    if (want === null) assert.throws(() => canonicalize(value), CanonicalError);
    else assert.equal(canonicalize(value), want);
  });
}

for (const { name, value_text, want } of vectors<Values>('jcs/values.json').cases) {
  test(`canonical: ${name}`, () => {
    const value = JSON.parse(value_text) as Json;
    assert.equal(canonicalize(value), want);
    assert.deepEqual(Buffer.from(canonicalBytes(value)), Buffer.from(want, 'utf8'));
  });
}

const strictJson = fc
  .jsonValue({ maxDepth: 5, stringUnit: 'binary' })
  .filter(
    (value) =>
      !JSON.stringify(value, (_, item: unknown) => (Object.is(item, -0) ? 'negative zero' : item)).includes(
        'negative zero',
      ),
  );

/** RFC 8785 spelled out: nothing shared with the code under test but the engine's scalars. */
function spelledOut(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(spelledOut).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value as { [key: string]: Json });
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${spelledOut(item)}`).join(',')}}`;
}

test('keys an object would put elsewhere stand where RFC 8785 wants them, at any depth', () => {
  const key = fc.constantFrom('10', '9', '0', '__proto__', 'b', 'a', '\\ud800', '4294967295', 'toJSON');
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(0, 'x', '\\ud', null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((pairs) => objectOf(pairs)),
    ),
  }));
  fc.assert(fc.property(value, (one) => assert.equal(canonicalize(one), spelledOut(one))));
});

/** `__proto__` as an ordinary member, as the parser makes it. */
const objectOf = (pairs: readonly (readonly [string, Json])[]): Json =>
  JSON.parse(
    `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`).join(',')}}`,
  ) as Json;

test('the canonical form is the same value, and the only form of it', () => {
  fc.assert(
    fc.property(strictJson, (value) => {
      const text = canonicalize(value as Json);
      assert.deepEqual(parseJson(text), JSON.parse(JSON.stringify(value)));
      assert.equal(canonicalize(parseJson(text)), text);
      assert.equal(canonicalize(parseJson(JSON.stringify(value, null, 2))), text);
    }),
    { numRuns: 2000 },
  );
});

test('the order of members never matters', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), fc.infiniteStream(fc.nat()), (object, picks) => {
      const entries = Object.entries(object);
      const shuffled = entries
        .map((entry) => ({ entry, rank: picks.next().value ?? 0 }))
        .sort((a, b) => a.rank - b.rank);
      assert.equal(
        canonicalize(Object.fromEntries(shuffled.map(({ entry }) => entry))),
        canonicalize(object),
      );
    }),
  );
});

const NOT_JSON: readonly { readonly name: string; readonly value: unknown }[] = [
  { name: 'undefined', value: undefined },
  { name: 'an undefined member', value: { a: undefined } },
  { name: 'a hole in an array', value: new Array(1) },
  { name: 'a bigint', value: 1n },
  { name: 'a function', value: () => 0 },
  { name: 'a symbol', value: Symbol('s') },
  { name: 'a date', value: new Date(0) },
  { name: 'a map', value: new Map() },
  { name: 'bytes', value: new Uint8Array(1) },
  { name: 'half a surrogate pair', value: '\ud800' },
  { name: 'half a surrogate pair as key', value: { '\udc00': 1 } },
  { name: 'NaN inside', value: [Number.NaN] },
];

for (const { name, value } of NOT_JSON) {
  test(`refuses ${name}`, () => {
    assert.throws(() => canonicalize(value as Json), CanonicalError);
  });
}

test('refuses what is deeper than any parsed value, and cycles', () => {
  let deep: Json = [];
  for (let level = 1; level < JSON_DEPTH_CEILING; level += 1) deep = [deep];
  assert.equal(canonicalize(deep).length, 2 * JSON_DEPTH_CEILING);
  assert.throws(() => canonicalize([deep]), CanonicalError);
  const cycle: Json[] = [];
  cycle.push(cycle);
  assert.throws(() => canonicalize(cycle), CanonicalError);
});

function bits(hex: string): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.buffer;
}
