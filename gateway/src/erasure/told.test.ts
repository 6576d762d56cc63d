/** A request is erased between the history's look at its call and its commit: what becomes of the call is told, and not what it said. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { openHistoryRig } from '../../testing/history.ts';
import { held, policyOf } from '../../testing/rig.ts';

const WORD = 'hippopotamus';

it('what is erased does not come back with what becomes of it (I7)', async (t) => {
  const house = await openHistoryRig(policyOf({ write: { then: 'require' } }));
  t.after(() => house.close());
  const { rig } = house;
  const list = async (filter = {}) => (await house.history.calls(filter, { limit: 50 })).items;
  const { id } = held(await rig.call('write', { animal: WORD }));
  assert.equal((await list({ q: WORD })).length, 1);
  await house.stop();
  await rig.answer(id, 'bob', { decision: 'denied' });
  let erased = false;
  const { commit } = rig.deps.store;
  const store = {
    ...rig.deps.store,
    commit: async (command: Parameters<typeof commit>[0]) => {
      if (command.name === 'follow-calls' && !erased) {
        erased = true;
        assert.equal((await rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
      }
      return commit(command);
    },
  };
  await house.start({ store });
  const [call] = await list();
  assert.ok(erased);
  assert.deepEqual([call?.outcome, /\(erased\)$/.test(call?.sentence ?? '')], ['denied', true]);
  const rows = await rig.store.read({
    sql: 'SELECT shape, same FROM calls WHERE request_id = $1',
    params: [id],
  });
  assert.deepEqual(rows, [{ shape: '', same: '' }]);
  const files = readdirSync(rig.dir).map((file) => readFileSync(path.join(rig.dir, file)));
  assert.ok(!files.some((bytes) => bytes.includes('ippopotamus')));
});
