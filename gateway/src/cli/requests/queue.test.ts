import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue } from './queue.ts';

test('each open request once, in order, until closed', { timeout: 10_000 }, async () => {
  const queue = createQueue();
  queue.replace(['a', 'b']);
  assert.equal((await queue.next())?.id, 'a');
  queue.replace(['a', 'c', 'b']);
  assert.equal((await queue.next())?.id, 'c');
  queue.drop('b');
  const waiting = queue.next();
  queue.replace(['a', 'c', 'd']);
  assert.equal((await waiting)?.id, 'd');
  const last = queue.next();
  queue.close();
  assert.equal(await last, undefined);
});

test('what is resolved while it is served is gone', { timeout: 10_000 }, async () => {
  const queue = createQueue();
  queue.replace(['a', 'b']);
  const first = await queue.next();
  queue.drop('b');
  assert.equal(first?.gone.aborted, false);
  queue.drop('a');
  assert.equal(first?.gone.aborted, true);
  queue.replace(['b']);
  const second = await queue.next();
  assert.equal(second?.id, 'b');
  queue.replace([]);
  assert.equal(second?.gone.aborted, true);
});

test('what could not be served comes back with the next list, if it is still on it', {
  timeout: 10_000,
}, async () => {
  const queue = createQueue();
  queue.replace(['a', 'b']);
  assert.equal((await queue.next())?.id, 'a');
  queue.putBack('a');
  queue.replace(['a', 'b']);
  assert.equal((await queue.next())?.id, 'a');
  queue.putBack('a');
  queue.replace(['b']);
  assert.equal((await queue.next())?.id, 'b');
});
