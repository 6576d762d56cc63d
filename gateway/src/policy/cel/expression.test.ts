import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '@countersign/core';
import { compileExpression } from './expression.ts';

const SCHEMA: Json = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    head: { type: 'number' },
    edits: { type: 'array', items: { type: 'object', properties: { old: { type: 'string' } } } },
  },
};
const ARGS = { path: '/x', edits: [{ old: 'a' }, { old: 'b' }] };

const VALUES: readonly (readonly [text: string, want: Json])[] = [
  ['args.path', '/x'],
  ['args.path + ".bak"', '/x.bak'],
  ['"*.md"', '*.md'],
  ['5', 5],
  ['args.edits', [{ old: 'a' }, { old: 'b' }]],
  ['args.edits.map(e, e.old)', ['a', 'b']],
  ['args.?head.orValue(10.0)', 10],
  ['args.path.startsWith("/")', true],
];
for (const [text, want] of VALUES)
  test(`${text} makes ${JSON.stringify(want)}`, () => {
    const compiled = compileExpression(text, SCHEMA);
    assert.ok(compiled.ok);
    assert.deepEqual(compiled.expression.run(ARGS), { kind: 'value', value: want });
  });

test('an optional that holds nothing is absent, and what is not there fails in our own words', () => {
  const absent = compileExpression('args.?head', SCHEMA);
  assert.ok(absent.ok);
  assert.deepEqual(absent.expression.run(ARGS), { kind: 'absent' });
  const failing = compileExpression('args.head + 1', SCHEMA);
  assert.ok(failing.ok);
  assert.deepEqual(failing.expression.run(ARGS), { kind: 'failed', why: 'there is no such fact: args.head' });
});

const FAULTS: readonly (readonly [text: string, says: RegExp, likely?: string])[] = [
  ['args.pth', /no field "pth"|no argument "pth"/, 'path'],
  ['args.path +', /cut off/],
  ['args.path + 1', /no operator takes/],
  ['agent', /unknown name "agent"/],
  ['claim', /decides nothing/],
  ['args.path.matches("x")', /matches/],
  ['timestamp("2026-01-01T00:00:00Z")', /timestamp/],
  [`"${'x'.repeat(20_000)}"`, /longer than/],
];
for (const [text, says, likely] of FAULTS)
  test(`${text.slice(0, 40)} is refused when it is loaded`, () => {
    const compiled = compileExpression(text, SCHEMA);
    assert.ok(!compiled.ok);
    assert.match(compiled.fault.message, says);
    if (likely !== undefined) assert.equal(compiled.fault.likely, likely);
  });

test('A19: an expression over a caller’s own lists ends', () => {
  const compiled = compileExpression(
    'args.edits.filter(a, args.edits.exists(b, b.old == a.old + "x"))',
    SCHEMA,
  );
  assert.ok(compiled.ok);
  const edits = Array.from({ length: 5_000 }, (_, at) => ({ old: `${at}` }));
  assert.equal(compiled.expression.run({ edits }).kind, 'failed');
});
