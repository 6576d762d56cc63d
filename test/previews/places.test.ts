/** Agents' calls and previews keep no places from each other: a slow preview is nobody's outage (A21). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../gateway/testing/until.ts';
import { openPlace, previewed } from './place.ts';

test('a slow preview takes no process that an agent may have', async () => {
  // One session accepted the tools, and each call is made over one of its own; they stay open.
  const place = await openPlace({ limits: 'processes_max: 3', timeout_ms: 30_000 });
  try {
    await place.set({ waits: true });
    const first = await place.hold('write_page', { page: 'one', content: 'x' });
    await until('it is read', async () => (await place.calls()).some(({ call }) => call === 'read_page'));
    const second = await place.hold('write_page', { page: 'two', content: 'x' });
    await place.set({ answers: { read_page: 'there' } });
    const bob = await place.signIn('bob');
    for (const id of [first, second]) {
      const { preview } = await previewed(bob, id);
      assert.equal(preview?.state, 'shown', JSON.stringify(preview));
    }
  } finally {
    await place.close();
  }
});
