/** Strict parsing against the platform's, and the canonical form against itself. */
import assert from 'node:assert/strict';
import { canonicalize, type Json, JsonError, parseJson } from '@countersign/core';
import fc from 'fast-check';
import type { Target } from './target.ts';
import { nearly, soup } from './texts.ts';

const asPlatform = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/** What the strict parser refuses though the platform takes it. */
const STRICTER = new Set(['duplicate-key', 'inexact-number', 'lone-surrogate', 'too-deep', 'too-large']);

function parsesStrictly(text: string): void {
  const platform = asPlatform(text);
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    assert.ok(error instanceof JsonError, `threw ${String(error)}`);
    assert.ok(platform === undefined || STRICTER.has(error.code), `${error.code}: ${text}`);
    assert.ok(error.offset >= 0 && error.offset <= Math.max(text.length, 1), 'a place outside the text');
    return;
  }
  assert.ok(platform !== undefined, `accepted what is not JSON: ${text}`);
  assert.deepEqual(value, platform.value);
  const canonical = canonicalize(value);
  assert.equal(canonicalize(parseJson(canonical)), canonical, 'the canonical form is not its own');
}

const shuffled = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffled(item)]));
};

export const jsonTargets: readonly Target[] = [
  {
    name: 'json-parse',
    batch: 500,
    property: () => fc.property(fc.oneof(nearly(fc.json({ maxDepth: 4 })), soup), parsesStrictly),
  },
  {
    name: 'json-canonical',
    batch: 300,
    property: () =>
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        fc.pre(!/-0(?![.\d])|e[-+]?\d{3}/i.test(text));
        let value: Json;
        try {
          value = parseJson(text);
        } catch {
          return; // the other target's business
        }
        assert.equal(canonicalize(shuffled(value)), canonicalize(value), 'order of keys matters');
      }),
  },
];
