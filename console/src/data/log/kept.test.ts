import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatVerifierKey, LogError, verifierKey } from '@countersign/core';
import { forget, keep, pin, readKept, type Storage, trustWitnesses } from './kept.ts';

const key = (byte: number): string =>
  formatVerifierKey(verifierKey('gate.example.com/log', 'ed25519', new Uint8Array(32).fill(byte)));
const [OURS, OTHER] = [key(1), key(2)];

function memory(text?: string): Storage & { readonly text: () => string | undefined } {
  let held = text;
  return {
    getItem: () => held ?? null,
    setItem: (_, value) => {
      held = value;
    },
    removeItem: () => {
      held = undefined;
    },
    text: () => held,
  };
}
const seen = (size: number, by = OURS) => ({ key: by, note: `note ${size}`, size, at: size });

test('what is not ours is as good as nothing', () => {
  for (const text of [
    'null',
    '{',
    '[]',
    '{"key":"x"}',
    JSON.stringify({ key: 'not a key', pinned: false, since: 1, witnesses: [] }),
    JSON.stringify({ key: OURS, pinned: 'yes', since: 1, witnesses: [] }),
    JSON.stringify({ key: OURS, pinned: true, since: 1, witnesses: ['not a key'] }),
    JSON.stringify({ key: OURS, pinned: true, since: 1, witnesses: [], note: 7 }),
  ])
    assert.equal(readKept(memory(text)), undefined, text);
});

test('the first key is kept as such, and only newer checkpoints of it replace older ones', () => {
  const storage = memory();
  keep(storage, seen(5));
  assert.deepEqual([readKept(storage)?.pinned, readKept(storage)?.note_size], [false, 5]);
  // Another tab was ahead.
  keep(storage, seen(3));
  assert.equal(readKept(storage)?.note, 'note 5');
  keep(storage, seen(9, OTHER));
  assert.deepEqual([readKept(storage)?.key, readKept(storage)?.note_size], [OURS, 5]);
  keep(storage, seen(8));
  assert.equal(readKept(storage)?.note, 'note 8');
});

test('pinning the same key keeps the checkpoint; another one drops what it could not be compared with', () => {
  const storage = memory();
  keep(storage, seen(5));
  pin(storage, OURS, 10);
  assert.deepEqual([readKept(storage)?.pinned, readKept(storage)?.note_size], [true, 5]);
  pin(storage, OTHER, 11);
  assert.deepEqual([readKept(storage)?.key, readKept(storage)?.note], [OTHER, undefined]);
  assert.throws(() => pin(storage, 'not a key', 12), LogError);
  assert.equal(readKept(storage)?.key, OTHER);
});

test('witnesses outlive a change of key; forgetting leaves nothing', () => {
  const storage = memory();
  keep(storage, seen(5));
  const kept = readKept(storage);
  assert.ok(kept !== undefined);
  trustWitnesses(storage, kept, [OTHER]);
  pin(storage, OTHER, 11);
  assert.deepEqual(readKept(storage)?.witnesses, [OTHER]);
  assert.throws(() => trustWitnesses(storage, kept, ['x']), LogError);
  forget(storage);
  assert.equal(storage.text(), undefined);
});
