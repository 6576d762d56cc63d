/** Webhooks over the real log, store and sockets: nothing is lost, each is told in order, at least once (A20, A26). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../gateway/src/store/store.ts';
import { held, permitted } from '../../gateway/testing/rig.ts';
import { until } from '../../gateway/testing/until.ts';
import { startReceiver } from './receiver.ts';
import { NEW, OLD, useStage } from './stage.ts';

const stage = useStage();

const types = (receiver = stage.there) =>
  receiver.taken.map(({ event }) => event.type.replace('countersign.', ''));

/** Asked, approved, run: what one held call tells. */
async function oneCall(args: { readonly [name: string]: string }): Promise<string> {
  const { id } = held(await stage.rig.call('ask', args));
  await stage.rig.answer(id, 'bob');
  await permitted(await stage.rig.call('ask', args)).finish({ status: 'succeeded' });
  return id;
}
const STORY = [
  'request.opened',
  'request.reviewed',
  'request.resolved',
  'execution.started',
  'execution.ended',
];

describe('what is told', () => {
  it('is each step of a request, as CloudEvents signed for the library of Standard Webhooks, in order', async () => {
    await stage.start();
    const id = await oneCall({ path: 'secret-plan.txt' });
    await until('all is told', () => stage.there.taken.length === 5);
    assert.deepEqual(types(), STORY);
    const entries = await stage.rig.store.read({
      sql: 'SELECT event_id, leaf_index FROM entries WHERE request_id = $1 ORDER BY leaf_index',
      params: [id],
    });
    const ids = new Set(entries.map((row) => String(row['event_id'])));
    for (const { id: webhook_id, type, event, body } of stage.there.taken) {
      assert.equal(type, 'application/cloudevents+json; charset=utf-8');
      assert.equal(event.specversion, '1.0');
      assert.equal(event.id, webhook_id);
      assert.ok(ids.has(event.id), 'its id is the entry’s, which can be proven');
      assert.equal(event.source, 'http://localhost:7070/log');
      assert.equal(event.subject, id);
      assert.equal(new Date(event.time).toISOString(), event.time);
      assert.equal(event.data['request_id'], id);
      assert.equal(event.data['agent'], 'coder');
      assert.equal(event.data['link'], `http://localhost:7070/requests/${id}`);
      assert.ok(!body.includes('secret-plan'), 'no argument leaves by default (I7)');
    }
    assert.equal(stage.there.taken[2]?.event.data['status'], 'approved');
    assert.equal(stage.there.taken[4]?.event.data['status'], 'succeeded');
  });

  it('is the sentence too where that is asked for', async () => {
    stage.configure({ siem: stage.hook({ sentence: true, events: ['countersign.request.opened'] }) });
    await stage.start();
    await stage.rig.call('ask', { path: 'plan.txt' });
    await until('it is told', () => stage.there.taken.length === 1);
    assert.equal(stage.there.taken[0]?.event.data['sentence'], 'ask on files (dev): path = “plan.txt”');
  });

  it('is what the place asked for, about the upstreams it asked for', async () => {
    const other = await startReceiver([OLD]);
    try {
      stage.configure({
        siem: stage.hook({ events: ['countersign.request.resolved', 'countersign.action.refused'] }),
        other: stage.hook({ url: other.url, upstreams: ['elsewhere'] }),
      });
      await stage.start();
      await oneCall({ n: '1' });
      await stage.rig.call('unknown');
      await until('it is told', () => stage.there.taken.length === 2);
      assert.deepEqual(types(), ['request.resolved', 'action.refused']);
      assert.equal(other.got.length, 0);
    } finally {
      await other.close();
    }
  });

  it('is of runs those that people were asked about, or all where that is asked for', async () => {
    await stage.start();
    await permitted(await stage.rig.call('read')).finish({ status: 'succeeded' });
    await stage.rig.call('ask');
    await until('it is told', () => stage.there.taken.length === 1);
    stage.configure({ siem: stage.hook({ runs: 'all' }) });
    await permitted(await stage.rig.call('read')).finish({ status: 'unknown', summary: 'no answer' });
    await until('it is told', () => stage.there.taken.length === 3);
    assert.deepEqual(types(), ['request.opened', 'execution.started', 'execution.unknown']);
  });

  it('costs nothing while nobody is configured; who is then, is told what happens from then on', async () => {
    await stage.start();
    await stage.stop();
    stage.configure({});
    const commits: string[] = [];
    const { store } = stage.rig.deps;
    const commit: Store['commit'] = (command) => {
      commits.push(command.name);
      return store.commit(command);
    };
    await stage.start({ store: { ...store, commit } });
    await oneCall({ n: '1' });
    await new Promise((done) => setTimeout(done, 150));
    assert.deepEqual(commits, ['webhooks-end']);
    await stage.stop();
    stage.configure({ siem: stage.hook() });
    await stage.start();
    const { id } = held(await stage.rig.call('ask', { n: '2' }));
    await until('it is told', () => stage.there.taken.length === 1);
    assert.equal(stage.there.taken[0]?.event.subject, id);
  });

  it('begins with what happens after the first start', async () => {
    await oneCall({ n: '1' });
    await stage.start();
    const { id } = held(await stage.rig.call('ask', { n: '2' }));
    await until('it is told', () => stage.there.taken.length === 1);
    assert.equal(stage.there.taken[0]?.event.subject, id);
  });
});

describe('secrets', () => {
  it('while one replaces another each notice is good for both', async () => {
    stage.configure({ siem: stage.hook({ secret: ['env:NEW', 'env:OLD'] }) });
    await stage.start();
    await stage.rig.call('ask');
    await until('it is told', () => stage.there.taken.length === 1);
    assert.deepEqual(stage.there.taken[0]?.good_for, [OLD, NEW]);
    stage.configure({ siem: stage.hook({ secret: 'env:NEW' }) });
    await stage.rig.call('ask', { n: 2 });
    await until('it is told', () => stage.there.taken.length === 2);
    assert.deepEqual(stage.there.taken[1]?.good_for, [NEW]);
  });

  it('one that is not set stops the start, by name', async () => {
    stage.configure({ siem: stage.hook({ secret: ['env:OLD', 'env:MISSING'] }) });
    await assert.rejects(stage.start(), /channels\.webhooks\.siem\.secret\.1: env:MISSING is not set/);
  });
});

describe('a place that fails', () => {
  it('is asked again later and later; one request waits in order, others do not wait for it', async () => {
    let poisoned = '';
    stage.there.answer = ({ event }) => (event.subject === poisoned ? 500 : 204);
    await stage.start();
    poisoned = held(await stage.rig.call('ask', { n: 'bad' })).id;
    await stage.rig.answer(poisoned, 'bob');
    await until('it was refused', () => stage.there.got.some(({ event }) => event.subject === poisoned));
    await oneCall({ n: 'good' });
    await until('the other is told', () => stage.there.taken.length === 5);
    assert.deepEqual(types(), STORY);
    const asked = () =>
      stage.there.got.filter(({ event }) => event.subject === poisoned).map(({ event }) => event.type);
    assert.deepEqual(asked(), ['countersign.request.opened'], 'what came after it waits for it');
    stage.rig.time.now += 4_900;
    await stage.rig.call('ask', { n: 'tick' });
    await until('the tick is told', () => stage.there.taken.length === 6);
    assert.equal(asked().length, 1, 'not before its time');
    stage.rig.time.now += 200;
    await until('it was asked again, and how that went is kept', async () => {
      const sql = 'SELECT 1 FROM webhook_deliveries WHERE subject = $1 AND attempts = 2';
      return (await stage.rig.store.read({ sql, params: [poisoned] })).length === 1;
    });
    assert.equal(asked().length, 2);
    stage.there.answer = 204;
    stage.rig.time.now += 301_000;
    await until('it is all told', () => stage.there.taken.length === 9);
    assert.deepEqual(
      stage.there.taken.filter(({ event }) => event.subject === poisoned).map(({ event }) => event.type),
      ['countersign.request.opened', 'countersign.request.reviewed', 'countersign.request.resolved'],
    );
  });

  it('one refusal that a place cannot take holds up no other: no agent hides behind it (A19)', async () => {
    stage.there.answer = ({ event }) => (event.data['resource'] === '<script>' ? 403 : 204);
    stage.configure({ siem: stage.hook({ events: ['countersign.action.refused'] }) });
    await stage.start();
    await stage.rig.call('<script>');
    await until('it was not taken', () => stage.there.got.length === 1);
    await stage.rig.call('unknown');
    await until('the next one is told', () => stage.there.taken.length === 1);
    assert.equal(stage.there.taken[0]?.event.data['resource'], 'unknown');
  });

  it('delays no other place', async () => {
    const slow = await startReceiver([OLD]);
    slow.answer = 'silent';
    try {
      stage.configure({ slow: stage.hook({ url: slow.url }), siem: stage.hook() });
      await stage.start();
      await oneCall({ n: '1' });
      await until('the other is told', () => stage.there.taken.length === 5);
      assert.equal(slow.taken.length, 0);
      assert.ok(slow.got.length >= 1);
    } finally {
      await slow.close();
    }
  });

  it('when it never comes back the notice is dead after ten times, is listed, and can be replayed', async () => {
    stage.there.answer = 503;
    const { dead, replay, list } = await stage.start();
    stage.configure({ siem: stage.hook({ events: ['countersign.request.opened'] }) });
    const { id } = held(await stage.rig.call('ask'));
    for (let n = 1; n <= 10; n += 1) {
      await until(`it was tried ${n} times`, () => stage.there.got.length === n);
      await until('that is kept', async () => (await attempts()) === n);
      stage.rig.time.now += 25 * 3_600_000;
    }
    await until('it is given up', async () => (await dead('webhook:siem'))?.length === 1);
    const [letter] = (await dead('webhook:siem')) ?? [];
    assert.deepEqual(
      [letter?.subject, letter?.attempts, letter?.trouble, letter?.type],
      [id, 10, 'answered 503', 'countersign.request.opened'],
    );
    const [standing] = await list();
    assert.deepEqual([standing?.dead, standing?.waiting, standing?.trouble], [1, 0, 'answered 503']);
    assert.ok(!JSON.stringify(standing).includes('path-secret'), 'a URL’s path may be a secret');
    stage.there.answer = 204;
    assert.equal(await replay('webhook:siem'), 1);
    await until('it is told', () => stage.there.taken.length === 1);
    assert.equal(await replay('webhook:nobody'), undefined);
    await until('that is kept', async () => (await list())[0]?.delivered === 1);
    const [well] = await list();
    assert.deepEqual([well?.dead, well?.delivered, well?.trouble], [0, 1, undefined]);
  });

  const attempts = async (): Promise<number> => {
    const [row] = await stage.rig.store.read({ sql: 'SELECT attempts FROM webhook_deliveries', params: [] });
    return Number(row?.['attempts'] ?? 0);
  };

  it('that says it is gone (410) is left alone until somebody replays', async () => {
    stage.there.answer = 410;
    const { list, replay } = await stage.start();
    await stage.rig.call('ask', { n: 1 });
    await until('it is gone', async () => (await list())[0]?.gone_at !== undefined);
    await stage.rig.call('ask', { n: 2 });
    await until('both are dead', async () => (await list())[0]?.dead === 2);
    assert.equal(stage.there.got.length, 1);
    stage.there.answer = 204;
    assert.equal(await replay('webhook:siem'), 2);
    await until('both are told', () => stage.there.taken.length === 2);
    assert.equal((await list())[0]?.gone_at, undefined);
  });

  it('that takes notices again is told at once all that waited', async () => {
    stage.there.answer = 500;
    await stage.start();
    for (const n of [1, 2, 3]) await stage.rig.call('ask', { n });
    await until('each was tried', () => stage.there.got.length === 3);
    await until('that is kept', async () => (await waitingTried()) === 3);
    stage.rig.time.now += 10_000;
    await until('one is tried for all', async () => (await waitingTried()) === 4);
    stage.there.answer = 204;
    stage.rig.time.now += 20_000;
    // One of them was to wait five minutes.
    await until('all are told', () => stage.there.taken.length === 3);
    assert.equal(stage.there.got.length, 7, 'while it failed, one at a time');
  });

  const waitingTried = async (): Promise<number> => {
    const [row] = await stage.rig.store.read({
      sql: 'SELECT SUM(attempts) AS n FROM webhook_deliveries',
      params: [],
    });
    return Number(row?.['n'] ?? 0);
  };

  it('is not asked before the time it names', async () => {
    stage.there.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await stage.start();
    await stage.rig.call('ask', { n: 1 });
    await until('it was asked', async () => (await attempts()) === 1);
    stage.there.answer = 204;
    const [row] = await stage.rig.store.read({ sql: 'SELECT next_at FROM webhook_deliveries', params: [] });
    assert.equal(Number(row?.['next_at']), stage.rig.time.now + 3_600_000);
  });

  it('a redirect is not followed, a place inside is not reached, and both are said', async () => {
    const inside = await startReceiver([OLD]);
    try {
      stage.configure({
        siem: stage.hook(),
        metadata: stage.hook({ url: inside.url.replace('http:', 'https:'), allow_networks: [] }),
      });
      stage.there.answer = () => ({ status: 302, headers: { location: inside.url } });
      const { list } = await stage.start();
      await stage.rig.call('ask');
      await until('both failed', async () => (await list()).every(({ trouble }) => trouble !== undefined));
      assert.deepEqual(
        (await list()).map(({ trouble }) => trouble),
        ['not sent: 127.0.0.1 is a loopback address', 'answered 302; redirects are not followed'],
      );
      assert.equal(inside.got.length, 0);
    } finally {
      await inside.close();
    }
  });
});

describe('a crash', () => {
  /** A store whose commits of this name are lost: before they happened, or after. */
  const losing = (name: string, when: 'before' | 'after'): Store => ({
    ...stage.rig.deps.store,
    commit: async (command) => {
      if (command.name !== name) return stage.rig.deps.store.commit(command);
      if (when === 'after') await stage.rig.deps.store.commit(command);
      throw new Error('killed');
    },
  });

  for (const when of ['before', 'after'] as const)
    for (const name of ['follow-webhooks', 'lease-notice', 'notice-delivered'])
      it(`${when} “${name}” loses nothing and tells nothing out of order`, async () => {
        await stage.start({ store: losing(name, when) });
        await oneCall({ n: '1' });
        // As far as it comes: then the process is gone.
        await new Promise((done) => setTimeout(done, 150));
        await stage.stop();
        // Whoever had taken a notice is soon taken for dead.
        await stage.start({ elapsed: () => performance.now() * 1_000 });
        await until('all is told', () => stage.there.taken.length === 5);
        assert.deepEqual(types(), STORY);
      });

  it('two gateways on one store tell each notice once', async () => {
    const second = await stage.open();
    try {
      await stage.start();
      const ids = await Promise.all([1, 2, 3].map((n) => oneCall({ n: String(n) })));
      await until('all is told', () => stage.there.taken.length === 15);
      assert.equal(stage.there.got.length, 15, 'none twice');
      for (const id of ids)
        assert.deepEqual(
          stage.there.taken
            .filter(({ event }) => event.subject === id)
            .map(({ event }) => event.type.replace('countersign.', '')),
          STORY,
        );
    } finally {
      await second.close();
    }
  });
});

it('a test notice says what came back', async () => {
  const { test } = await stage.start();
  const taken = await test('siem');
  assert.equal(taken?.taken, true);
  assert.deepEqual(types(), ['test']);
  stage.there.answer = 500;
  const refused = await test('siem');
  assert.deepEqual(
    [refused?.taken, refused !== undefined && 'trouble' in refused && refused.trouble],
    [false, 'answered 500'],
  );
  assert.equal(await test('nobody'), undefined);
});
