import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { align, type Pair, STEPS_MAX, type Stepped } from './align.ts';

/** `refund:a` is a call of the tool refund with the arguments a; `refund:a!failed` one that ended so. */
const step = (text: string): Stepped => {
  const [call = '', outcome = 'succeeded'] = text.split('!');
  const [tool = '', args = ''] = call.split(':');
  return {
    same: call,
    shape: `${tool}(${args.length})`,
    resource: tool,
    upstream: 'x',
    outcome: outcome as Stepped['outcome'],
  };
};
const run = (text: string): readonly Stepped[] => (text === '' ? [] : text.split(' ').map(step));
const said = (pair: Pair<Stepped>): string =>
  pair.kind === 'left-only'
    ? `-${pair.left.same}`
    : pair.kind === 'right-only'
      ? `+${pair.right.same}`
      : `${pair.kind === 'same' ? '=' : pair.kind === 'other-end' ? '!' : '~'}${pair.left.same}|${pair.right.same}`;

const TABLE: readonly (readonly [name: string, left: string, right: string, want: string])[] = [
  ['the same', 'read:a write:b', 'read:a write:b', '=read:a|read:a =write:b|write:b'],
  ['nothing in common', 'read:a', 'write:b', '-read:a +write:b'],
  ['one more', 'read:a write:b', 'read:a check:c write:b', '=read:a|read:a +check:c =write:b|write:b'],
  ['other arguments', 'read:a write:b', 'read:a write:c', '=read:a|read:a ~write:b|write:c'],
  ['ended otherwise', 'write:b!failed', 'write:b', '!write:b|write:b'],
  [
    'the identical one is found among those of its shape',
    'write:b',
    'write:a write:b',
    '+write:a =write:b|write:b',
  ],
  ['the shape is better than the tool', 'w:aa', 'w:b w:cc', '+w:b ~w:aa|w:cc'],
  ['empty', '', 'read:a', '+read:a'],
  ['both empty', '', '', ''],
];

test('calls are laid beside those they stand for', () => {
  for (const [name, left, right, want] of TABLE)
    assert.equal(align(run(left), run(right)).map(said).join(' '), want, name);
});

test('an erased call stands for no other, but keeps its place', () => {
  const { same: _, ...erased } = step('write:b');
  assert.deepEqual(
    align([erased], [step('write:b')]).map(({ kind }) => kind),
    ['other-arguments'],
  );
});

test('every call of both is there once, in its order; a run is the same as itself', () => {
  const anyRun = fc.array(fc.constantFrom('a:x', 'a:y', 'b:x', 'b:xx', 'c:x!failed').map(step), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(anyRun, anyRun, (left, right) => {
      const pairs = align(left, right);
      assert.deepEqual(
        pairs.flatMap((pair) => ('left' in pair ? [pair.left] : [])),
        left,
      );
      assert.deepEqual(
        pairs.flatMap((pair) => ('right' in pair ? [pair.right] : [])),
        right,
      );
      assert.ok(align(left, left).every(({ kind }) => kind === 'same'));
    }),
  );
});

test('what is too long to be laid side by side is not lost', () => {
  const long = Array.from({ length: STEPS_MAX + 5 }, (_, at) => step(`a:${at}`));
  const pairs = align(long, long);
  assert.equal(pairs.length, STEPS_MAX + 10);
});
