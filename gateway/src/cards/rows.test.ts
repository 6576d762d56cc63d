/** What is carried next: nothing that is shown waits behind what is only looked at again. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRig, held, policyOf, SEAT } from '../../testing/rig.ts';
import { dueCards, insertCard } from './rows.ts';

it('what others stand for is looked at last, the one that waits longest first (A19)', async () => {
  const rig = await createRig(policyOf({ write: { then: 'require', requirement: SEAT } }));
  try {
    const { id: request_id } = held(await rig.call('write', { n: 1 }));
    const card = (id: string, turn: number, place = 'desk') =>
      insertCard(
        {
          id,
          request_id,
          channel: 'paper',
          place,
          because: 'reminded',
          turn,
          due_at: 10 - turn,
          likeness: 'x',
        },
        0,
      );
    const fold = (id: string, next_at: number) => ({
      name: 'fold',
      sql: 'UPDATE cards SET folded = 1, next_at = $2 WHERE id = $1',
      params: [id, next_at],
      rows: 1,
    });
    const steps = [
      ...['crd_1', 'crd_2', 'crd_3', 'crd_4'].map((id, turn) => card(id, turn)),
      card('crd_5', 5, 'hall'),
      fold('crd_1', 9),
      fold('crd_2', 8),
      fold('crd_5', 7),
    ];
    await rig.store.commit({ name: 'cards', steps, entries: [] });
    const due = async (now: number) =>
      (await dueCards(rig.store, { channel: 'paper', now })).map(({ id, place }) => `${id} ${place}`);
    assert.deepEqual(await due(20), ['crd_3 desk', 'crd_2 desk', 'crd_5 hall']);
    assert.deepEqual(await due(7), ['crd_4 desk', 'crd_5 hall'], 'of what is due by then');
    assert.deepEqual(await due(6), []);
  } finally {
    await rig.close();
  }
});
