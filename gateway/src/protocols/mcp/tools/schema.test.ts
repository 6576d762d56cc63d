import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, JsonObject } from '@countersign/core';
import { compile, Schemas } from './schema.ts';

const path = {
  type: 'object',
  properties: { path: { type: 'string', pattern: '^/[a-z]+$' } },
  required: ['path'],
  additionalProperties: false,
};

const tree: JsonObject = { type: 'object', properties: { kids: { items: { $ref: '#' } } } };
const unique: JsonObject = { type: 'array', uniqueItems: true };

describe('arguments against the accepted schema', () => {
  const cases: readonly [string, JsonObject, Json, boolean][] = [
    ['fits', path, { path: '/x' }, true],
    ['a missing member', path, {}, false],
    ['a member more', path, { path: '/x', mode: 'w' }, false],
    ['a pattern', path, { path: 'x' }, false],
    ['another type', path, { path: 1 }, false],
    ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', ...path }, { path: '/x' }, true],
    [
      '2020-12 with $defs',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: { p: { type: 'string' } },
        properties: { path: { $ref: '#/$defs/p' } },
      },
      { path: 1 },
      false,
    ],
    ['a schema within itself', tree, { kids: [{ kids: [] }] }, true],
    ['a schema within itself, wrong deep down', tree, { kids: [{ kids: [1] }] }, false],
    [
      'properties named as keywords are',
      { properties: { enum: { const: { a: 1 } }, const: { enum: [{ default: 1 }] } } },
      { enum: { a: 1 }, const: { default: 1 } },
      true,
    ],
    ['data named as a schema would be', { const: { properties: {} } }, { properties: {} }, true],
    ['items all different', unique, [1, '1', true, null, [], {}, [1], { a: 1 }], true],
    ['items that are the same number', unique, [1, 2, 1], false],
    [
      'objects that differ only in order',
      unique,
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      false,
    ],
    ['uniqueness not asked for', { type: 'array', uniqueItems: false }, [1, 1], true],
    ['an own __proto__ is a member more', path, JSON.parse('{"path":"/x","__proto__":{}}') as Json, false],
  ];
  for (const [name, schema, args, fits] of cases) it(name, () => assert.equal(compile(schema)?.(args), fits));
});

describe('a schema that proves nothing', () => {
  const deep = Array.from({ length: 40 }).reduce<JsonObject>(
    (inner) => ({ type: 'object', properties: { a: inner } }),
    {},
  );
  const cases: readonly [string, Json | undefined][] = [
    ['none', undefined],
    ['not an object', true],
    ['elsewhere', { $ref: 'https://evil.example/schema.json' }],
    ['a pattern that is not regular', { type: 'string', pattern: '(a)\\1' }],
    ['too deep', deep],
    ['too large', { description: 'x'.repeat(300_000) }],
    ['a reference into data', { $ref: '#/con%73t', const: { allOf: [{ $ref: '#/const' }] } }],
    ['a malformed keyword', { type: 'nonsense' }],
  ];
  for (const [name, schema] of cases) it(name, () => assert.equal(compile(schema), undefined));
});

it('a hostile pattern matches in linear time', () => {
  const validate = compile({ type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } });
  assert.equal(validate?.({ a: `${'a'.repeat(50_000)}!` }), false);
});

it('A21: uniqueness of a long list takes linear time', () => {
  const items = Array.from({ length: 200_000 }, (_, at) => ({ at }));
  assert.equal(compile(unique)?.(items), true);
  assert.equal(compile(unique)?.([...items, { at: 0 }]), false);
});

describe('A21: a schema that multiplies work is given up, and proves nothing', () => {
  const deep = (depth: number): JsonObject => (depth === 0 ? {} : { a: deep(depth - 1) });
  for (const each of ['allOf', 'anyOf', 'oneOf']) {
    it(each, () => {
      const failing = each === 'anyOf' ? { allOf: [{ required: ['a'] }] } : {};
      const schema = { ...failing, properties: { a: { [each]: [{ $ref: '#' }, { $ref: '#' }] } } };
      assert.equal(compile(schema)?.(deep(60)), false);
    });
  }
  it('a reference to itself', () => assert.equal(compile({ anyOf: [{ $ref: '#' }] })?.({}), false));
});

it('is compiled once for a pin', () => {
  const schemas = new Schemas();
  const first = schemas.validator('p', { inputSchema: path });
  assert.equal(schemas.validator('p', { inputSchema: {} }), first);
});
