/** With nobody to tell, telling costs nothing: no timer, no listener, no commit, not a look at the store. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Store } from '../../gateway/src/store/store.ts';
import { held } from '../../gateway/testing/rig.ts';
import { until } from '../../gateway/testing/until.ts';
import { useStage } from './stage.ts';

const stage = useStage();

type Counted = {
  readonly store: Store;
  readonly asked: { reads: number; commits: string[]; listeners: number };
};

function counting(store: Store): Counted {
  const asked: Counted['asked'] = { reads: 0, commits: [], listeners: 0 };
  return {
    asked,
    store: {
      ...store,
      read: (query) => {
        asked.reads += 1;
        return store.read(query);
      },
      commit: (command) => {
        asked.commits.push(command.name);
        return store.commit(command);
      },
      logSize: () => {
        asked.reads += 1;
        return store.logSize();
      },
      onAppend: (listener) => {
        asked.listeners += 1;
        return store.onAppend(listener);
      },
    },
  };
}

it('nothing configured: a few looks at the start, and then nothing at all, whatever happens', async (t) => {
  const timers = [t.mock.method(globalThis, 'setTimeout'), t.mock.method(globalThis, 'setInterval')];
  const armed = () => timers.reduce((sum, { mock }) => sum + mock.callCount(), 0);
  stage.configure({}, {});
  const { store, asked } = counting(stage.rig.store);
  const before = armed();
  const webhooks = await stage.start({ store });
  assert.equal(armed(), before, 'no timer');
  assert.deepEqual(asked.commits, [], 'no commit');
  assert.equal(asked.listeners, 0);
  const looked = asked.reads;
  held(await stage.rig.call('ask', { n: '1' }));
  assert.deepEqual([asked.reads, asked.commits], [looked, []]);
  assert.deepEqual(await webhooks.list(), []);
});

it('what was left by what is not configured any more is forgotten when it is old, and does not keep anything going', async (t) => {
  stage.there.answer = 410;
  await stage.start();
  held(await stage.rig.call('ask', { n: '1' }));
  const dead = async () =>
    (await stage.rig.store.read({ sql: "SELECT 1 FROM webhook_deliveries WHERE state = 'dead'", params: [] }))
      .length;
  await until('it is dead', async () => (await dead()) === 1);
  await stage.stop();
  stage.configure({}, {});
  const intervals = t.mock.method(globalThis, 'setInterval').mock;
  await stage.start();
  assert.equal(await dead(), 1, 'not old yet: somebody may want to see it');
  await stage.stop();
  stage.rig.time.now += 31 * 24 * 3_600_000;
  await stage.start();
  assert.equal(await dead(), 0);
  assert.equal(intervals.callCount(), 0);
  const position = await stage.rig.store.read({
    sql: "SELECT 1 FROM meta WHERE name = 'webhooks_followed'",
    params: [],
  });
  assert.equal(position.length, 0, 'who is configured later is told what happens from then on');
});
