import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { type HistoryRig, openHistoryRig } from '../../testing/history.ts';
import { permitted, policyOf } from '../../testing/rig.ts';
import { createKnownSecrets } from '../masking/known/known.ts';
import { createMasking } from '../masking/masking.ts';
import type { Permit } from '../protocols/protocol.ts';
import type { Store } from '../store/store.ts';

let house: HistoryRig;
beforeEach(async () => {
  house = await openHistoryRig(policyOf({ read: { then: 'allow' } }));
});
afterEach(() => house.close());

const seen = async () => (await house.history.calls({}, { limit: 200 })).items.length;

it('shows what it has, and how far it goes, while it cannot follow; and follows on when it can', async () => {
  await house.rig.call('nothing', { n: 1 });
  assert.equal(await seen(), 1);
  await house.stop();
  let broken = true;
  const { store } = house.rig.deps;
  const commit: Store['commit'] = (command) =>
    broken && command.name === 'follow-calls'
      ? Promise.reject(new Error('the disk is full'))
      : store.commit(command);
  await house.start({ store: { ...store, commit } });
  const at = house.rig.time.now;
  house.rig.time.now += 5_000;
  await house.rig.call('nothing', { n: 2 });
  const { items, followed } = await house.history.calls({}, { limit: 200 });
  assert.deepEqual([items.length, followed], [1, { until: at, behind: 1 }]);
  broken = false;
  assert.equal(await seen(), 2);
});

it('tells a run once, with its end, however many overlap where a chunk ends', async () => {
  await house.stop();
  const running: Permit[] = [];
  const end = (): Promise<void> | undefined => running.shift()?.finish({ status: 'succeeded' });
  for (let n = 0; n < 200; n += 1) {
    running.push(permitted(await house.rig.call('read', { n })));
    if (running.length > 8) await end();
  }
  while (running.length > 0) await end();
  const steps = new Map<string, number>();
  const { store } = house.rig.deps;
  const commit: Store['commit'] = (command) => {
    for (const { name } of command.steps) steps.set(name, (steps.get(name) ?? 0) + 1);
    return store.commit(command);
  };
  await house.start({ store: { ...store, commit } });
  while ((await house.history.calls({}, { limit: 1 })).followed.behind > 0);
  const { items } = await house.history.calls({ outcome: 'succeeded' }, { limit: 200 });
  assert.deepEqual([items.length, steps.get('put-call'), steps.get('put-words')], [200, 200, 200]);
});

it('takes each entry once, whoever else follows the same log', async () => {
  for (let n = 0; n < 300; n += 1) await house.rig.call('nothing', { n });
  const others = await Promise.all(
    [1, 2].map(async () => (await import('./history.ts')).openHistory(house.rig.deps)),
  );
  try {
    await Promise.all(others.map(({ history }) => history.calls({}, { limit: 1 })));
    while ((await house.history.calls({}, { limit: 1 })).followed.behind > 0);
    const [row] = await house.rig.store.read({
      sql: 'SELECT COUNT(*) AS calls, COUNT(DISTINCT id) AS ids, (SELECT SUM(calls) FROM trails) AS in_trails FROM calls',
      params: [],
    });
    assert.deepEqual({ ...row }, { calls: 300, ids: 300, in_trails: 300 });
  } finally {
    for (const other of others) await other.close();
  }
});

it('whoever looks waits for nothing else that is done to the rows, and nothing they wait for waits for others', async () => {
  await house.rig.call('nothing', { n: 1 });
  assert.equal(await seen(), 1);
  await house.stop();
  const { store } = house.rig.deps;
  const [upkeep, stuck] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const unhurried: unknown[] = [];
  const commit: Store['commit'] = async (command) => {
    if (command.name === 'follow-calls') unhurried.push(command.unhurried);
    if (command.name === 'index-again') {
      stuck.resolve();
      await upkeep.promise;
    }
    return store.commit(command);
  };
  // It knows more secrets than the one before: everything is made again.
  const value = 'correct horse battery staple';
  const masking = createMasking(createKnownSecrets([{ value, label: 'upstream-secret' }]));
  await house.start({ masking, store: { ...store, commit } });
  await stuck.promise;
  assert.equal(await seen(), 1);
  upkeep.resolve();
  await house.rig.call('nothing', { n: 2 });
  assert.equal(await seen(), 2);
  assert.deepEqual(unhurried, [undefined]);
});
