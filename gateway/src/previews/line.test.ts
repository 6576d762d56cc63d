import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Line } from './line.ts';

/** Work that ends when it is told to. */
function bench() {
  const begun: string[] = [];
  const done: string[] = [];
  const ends = new Map<string, { readonly end: () => void; readonly fail: (error: Error) => void }>();
  const failed: string[] = [];
  const line = new Line<string>({
    run: (what) => {
      begun.push(what);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.set(what, { end: resolve, fail: reject });
      return promise;
    },
    failed: (what) => void failed.push(what),
    done: (what) => void done.push(what),
  });
  const take = (key: string, holder = key): boolean => line.take({ key, holder, what: key });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { line, begun, done, failed, ends, take, settle };
}

test('four at once, two of one holder; the others wait their turn', async () => {
  const { begun, ends, take, settle } = bench();
  for (const key of ['a1', 'a2', 'a3', 'b1', 'c1', 'd1']) take(key, key[0] ?? '');
  assert.deepEqual(begun, ['a1', 'a2', 'b1', 'c1']);
  ends.get('b1')?.end();
  await settle();
  assert.deepEqual(begun.slice(4), ['d1'], 'a has two already');
  ends.get('a1')?.end();
  await settle();
  assert.deepEqual(begun.slice(5), ['a3']);
});

test('each is in line once, and a failure frees its place', async () => {
  const { line, begun, done, failed, ends, take, settle } = bench();
  assert.equal(take('x'), true);
  assert.equal(take('x'), true);
  assert.deepEqual(begun, ['x']);
  assert.equal(line.has('x'), true);
  ends.get('x')?.fail(new Error('no'));
  await settle();
  assert.deepEqual([failed, done, line.has('x')], [['x'], ['x'], false]);
});

test('beyond what may wait there is no room, and none once it is closed', async () => {
  const { line, ends, begun, take } = bench();
  const taken = Array.from({ length: 300 }, (_, at) => take(`r${at}`));
  assert.equal(taken.filter(Boolean).length, 4 + 256);
  const closed = line.close();
  for (const key of begun) ends.get(key)?.end();
  await closed;
  assert.equal(begun.length, 4);
  assert.equal(take('late'), false);
});
