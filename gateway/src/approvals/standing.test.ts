/** What stands for an identical call, and what no longer does. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { createRig, held, permitted, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { sweep } from '../requests/ending/expire.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig(policyOf({ write_file: { then: 'require' } }));
});
afterEach(() => rig.close());

it('gives no answer again that was erased', async () => {
  const request = held(await rig.call('write_file', { path: '/a' }));
  await rig.answer(request.id, 'bob');
  const permit = permitted(await rig.call('write_file', { path: '/a' }));
  await permit.finish({ status: 'succeeded', result: { body: '{"content":[]}' } });
  const erased = await rig.store.commit({
    name: 'test-erase',
    steps: [
      {
        name: 'erase',
        sql: "UPDATE payloads SET salt = NULL, body = NULL, erased_at = $1 WHERE kind = 'result'",
        params: [rig.time.now],
        rows: 1,
      },
    ],
    entries: [],
  });
  assert.ok(erased.ok);
  assert.equal((await rig.call('write_file', { path: '/a' })).kind, 'held');
});

it('A10: what ran out before the sweeper saw it stands for nothing: people are asked anew', async () => {
  const first = held(await rig.call('write_file'));
  await rig.answer(first.id, 'bob');
  rig.time.now += SEAT.valid_ms;
  const second = held(await rig.call('write_file'));
  assert.notEqual(second.id, first.id);
  rig.time.now += SEAT.within_ms;
  const third = held(await rig.call('write_file'));
  assert.ok(third.id !== second.id && third.status === 'pending');
  assert.equal(await sweep(rig.deps), 1, 'the approval; the request that ran out is over already');
});
