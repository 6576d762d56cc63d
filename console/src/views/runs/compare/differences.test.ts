import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@countersign/core';
import type { CallAction } from '@countersign/sdk';
import { differencesOf } from './differences.ts';

const asked = (given: JsonObject, ...hidden: readonly string[]): { readonly asked: CallAction } => ({
  asked: {
    kind: 'kept',
    shown_action: { context: { arguments: given } },
    redactions: hidden.map((pointer) => ({ pointer, detector: 'x', length: 1 })) as never,
  },
});

test('says which arguments differ, and how', () => {
  assert.deepEqual(
    differencesOf(
      asked({ amount: 20, note: 'a', charge: 'c' }),
      asked({ amount: 480, charge: 'c', tags: ['x'] }),
    ),
    [
      { kind: 'other', name: 'amount', left: '20', right: '480' },
      { kind: 'other', name: 'note', left: '"a"', right: 'not given' },
      { kind: 'other', name: 'tags', left: 'not given', right: '["x"]' },
    ],
  );
  assert.deepEqual(differencesOf(asked({ a: { y: 1, x: 2 } }), asked({ a: { x: 2, y: 1 } })), []);
});

test('compares nothing that is hidden (I7)', () => {
  const left = asked({ key: '‹secret›', 'a/b': 1 }, '/context/arguments/key', '/context/arguments/a~1b/0');
  assert.deepEqual(differencesOf(left, asked({ key: '‹other›', 'a/b': 2 })), [
    { kind: 'hidden', name: 'a/b' },
    { kind: 'hidden', name: 'key' },
  ]);
});

test('cannot be told of what is not kept', () => {
  assert.equal(differencesOf(asked({}), { asked: { kind: 'erased' } }), undefined);
});

test('an argument called as a part of every object is one like others (A6)', () => {
  assert.deepEqual(differencesOf(asked({}), asked({ constructor: 1 } as never)), [
    { kind: 'other', name: 'constructor', left: 'not given', right: '1' },
  ]);
});
