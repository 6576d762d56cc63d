import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type HistoryRig, openHistoryRig } from '../../testing/history.ts';
import { CONFIG, held, policyOf } from '../../testing/rig.ts';
import { createChanges } from '../authority/changes.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { createPauses } from '../pauses/pauses.ts';
import { createSearches } from './searches.ts';

let house: HistoryRig;
beforeEach(async () => {
  house = await openHistoryRig(policyOf({ read: { then: 'allow' }, write: { then: 'require' } }));
});
afterEach(() => house.close());

it('a day is what happened since its beginning, and what one person answered', async () => {
  const { rig, history } = house;
  await rig.call('read', { n: 0 });
  rig.time.now += 3_600_000;
  const morning = rig.time.now;
  await rig.call('read', { n: 1 });
  await rig.call('nothing', {});
  for (const decision of ['approved', 'denied'] as const) {
    const { id } = held(await rig.call('write', { decision }));
    rig.time.now += 5_000;
    await rig.answer(id, 'bob', { decision });
  }
  held(await rig.call('write', { n: 9 }));
  const { calls, requests, my_reviews, median_ms } = await history.today('bob', morning);
  assert.deepEqual(calls, { allowed: 1, held: 3, denied: 1, paused: 0, unasked: 0, more: false });
  assert.deepEqual(requests, { approved: 1, denied: 1, expired: 0, cancelled: 0 });
  assert.deepEqual([my_reviews, median_ms], [2, 5_000]);
  assert.equal((await history.today('carol', morning)).my_reviews, 0);
});

it('who was refused because their agent is paused, or because nobody could be asked, was not refused by the policy', async () => {
  const { rig, history } = house;
  await rig.call('nothing', {});
  for (let n = 0; n < 4; n += 1) await rig.call('write', { n });
  const world = { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER };
  const changes = createChanges({ ...rig.deps, authority: () => rig.authority, world });
  await createPauses({ ...rig.deps, changes }).pause('coder', 'bob', 'it wipes tables');
  await rig.call('read', {});
  await rig.call('nothing', {});
  const { calls } = await history.today('bob', 0);
  assert.deepEqual(calls, { allowed: 0, held: 3, denied: 1, paused: 2, unasked: 1, more: false });
});

describe('saved searches', () => {
  it('are one person’s, one a name, and bounded', async () => {
    const searches = createSearches(house.rig.deps);
    const saved = await searches.save('bob', { name: 'b', query: '/history?q=x' });
    await searches.save('bob', { name: 'a', query: '/history' });
    const again = await searches.save('bob', { name: 'b', query: '/history?q=y' });
    assert.deepEqual([again?.id, again?.query], [saved?.id, '/history?q=y']);
    assert.deepEqual(
      (await searches.list('bob')).map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(await searches.list('carol'), []);
    assert.equal(await searches.remove('carol', saved?.id ?? ''), false);
    assert.equal(await searches.remove('bob', saved?.id ?? ''), true);
    for (let n = 1; n < 100; n += 1)
      assert.notEqual(await searches.save('bob', { name: `n${n}`, query: '/' }), undefined);
    assert.equal(await searches.save('bob', { name: 'one more', query: '/' }), undefined);
    assert.notEqual(await searches.save('bob', { name: 'n1', query: '/other' }), undefined);
    assert.notEqual(await searches.save('carol', { name: 'n1', query: '/' }), undefined);
    assert.equal((await searches.list('bob')).length, 100);
  });
});
