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
    ['a malformed keyword', { type: 'nonsense' }],
  ];
  for (const [name, schema] of cases) it(name, () => assert.equal(compile(schema), undefined));
});

it('a hostile pattern matches in linear time', () => {
  const validate = compile({ type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } });
  assert.equal(validate?.({ a: `${'a'.repeat(50_000)}!` }), false);
});

it('is compiled once for a pin', () => {
  const schemas = new Schemas();
  const first = schemas.validator('p', { inputSchema: path });
  assert.equal(schemas.validator('p', { inputSchema: {} }), first);
});
