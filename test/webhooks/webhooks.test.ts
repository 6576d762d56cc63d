/** Webhooks over the real log, store and sockets: nothing is lost, each is told in order, at least once (A20, A26). */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createSealer } from '../../gateway/src/audit/sealer.ts';
import { channelsSchema } from '../../gateway/src/channels/config.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { openWebhooks, type Webhooks } from '../../gateway/src/webhooks/webhooks.ts';
import { createRig, held, permitted, policyOf, type Rig } from '../../gateway/testing/rig.ts';
import { type Receiver, startReceiver, until } from './receiver.ts';

const { privateKey: private_key, publicKey: public_key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = { kid: 'test', private_key, public_key };
const [OLD, NEW] = [newSecret(), newSecret()];
const SECRETS: { readonly [ref: string]: string } = { 'env:OLD': OLD, 'env:NEW': NEW };
const secret = (ref: string, field: string): string => {
  const value = SECRETS[ref];
  if (value === undefined) throw new Error(`${field}: ${ref} is not set`);
  return value;
};

let rig: Rig;
let there: Receiver;
let webhooks: Webhooks | undefined;
let config: ReturnType<typeof channelsSchema.parse>;

const hook = (over: object = {}) => ({
  url: there.url,
  secret: 'env:OLD',
  allow_networks: ['127.0.0.1'],
  ...over,
});
const configure = (hooks: object, callbacks: object = {}): void => {
  config = channelsSchema.parse({ webhooks: hooks, callbacks });
};
async function start(over: { readonly store?: Store } = {}): Promise<Webhooks> {
  webhooks = await openWebhooks({
    ...rig.deps,
    ...over,
    config: () => config,
    secret,
    random: () => 0,
    look_every_ms: 20,
  });
  return webhooks;
}
async function stop(): Promise<void> {
  await webhooks?.close();
  webhooks = undefined;
}

beforeEach(async () => {
  rig = await createRig(policyOf({ ask: { then: 'require' }, read: { then: 'allow' } }), {
    time: { now: Date.now() },
    sealer: async () => createSealer({ key: KEY }),
  });
  there = await startReceiver([OLD, NEW], () => rig.time.now);
  configure({ siem: hook() });
});
afterEach(async () => {
  await stop();
  await there.close();
  await rig.close();
});

const types = (receiver = there) => receiver.taken.map(({ event }) => event.type.replace('countersign.', ''));

/** Asked, approved, run: what one held call tells. */
async function oneCall(args: { readonly [name: string]: string }): Promise<string> {
  const { id } = held(await rig.call('ask', args));
  await rig.answer(id, 'bob');
  await permitted(await rig.call('ask', args)).finish({ status: 'succeeded' });
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
    await start();
    const id = await oneCall({ path: 'secret-plan.txt' });
    await until('all is told', () => there.taken.length === 5);
    assert.deepEqual(types(), STORY);
    const entries = await rig.store.read({
      sql: 'SELECT event_id, leaf_index FROM entries WHERE request_id = $1 ORDER BY leaf_index',
      params: [id],
    });
    const ids = new Set(entries.map((row) => String(row['event_id'])));
    for (const { id: webhook_id, type, event, body } of there.taken) {
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
    assert.equal(there.taken[2]?.event.data['status'], 'approved');
    assert.equal(there.taken[4]?.event.data['status'], 'succeeded');
  });

  it('is the sentence too where that is asked for', async () => {
    configure({ siem: hook({ sentence: true, events: ['countersign.request.opened'] }) });
    await start();
    await rig.call('ask', { path: 'plan.txt' });
    await until('it is told', () => there.taken.length === 1);
    assert.equal(there.taken[0]?.event.data['sentence'], 'ask on files (dev): path = “plan.txt”');
  });

  it('is what the place asked for, about the upstreams it asked for', async () => {
    const other = await startReceiver([OLD]);
    try {
      configure({
        siem: hook({ events: ['countersign.request.resolved', 'countersign.action.refused'] }),
        other: hook({ url: other.url, upstreams: ['elsewhere'] }),
      });
      await start();
      await oneCall({ n: '1' });
      await rig.call('unknown');
      await until('it is told', () => there.taken.length === 2);
      assert.deepEqual(types(), ['request.resolved', 'action.refused']);
      assert.equal(other.got.length, 0);
    } finally {
      await other.close();
    }
  });

  it('is of runs those that people were asked about, or all where that is asked for', async () => {
    await start();
    await permitted(await rig.call('read')).finish({ status: 'succeeded' });
    await rig.call('ask');
    await until('it is told', () => there.taken.length === 1);
    configure({ siem: hook({ runs: 'all' }) });
    await permitted(await rig.call('read')).finish({ status: 'unknown', summary: 'no answer' });
    await until('it is told', () => there.taken.length === 3);
    assert.deepEqual(types(), ['request.opened', 'execution.started', 'execution.unknown']);
  });

  it('begins with what happens after the first start', async () => {
    await oneCall({ n: '1' });
    await start();
    const { id } = held(await rig.call('ask', { n: '2' }));
    await until('it is told', () => there.taken.length === 1);
    assert.equal(there.taken[0]?.event.subject, id);
  });
});

describe('secrets', () => {
  it('while one replaces another each notice is good for both', async () => {
    configure({ siem: hook({ secret: ['env:NEW', 'env:OLD'] }) });
    await start();
    await rig.call('ask');
    await until('it is told', () => there.taken.length === 1);
    assert.deepEqual(there.taken[0]?.good_for, [OLD, NEW]);
    configure({ siem: hook({ secret: 'env:NEW' }) });
    await rig.call('ask', { n: 2 });
    await until('it is told', () => there.taken.length === 2);
    assert.deepEqual(there.taken[1]?.good_for, [NEW]);
  });

  it('one that is not set stops the start, by name', async () => {
    configure({ siem: hook({ secret: ['env:OLD', 'env:MISSING'] }) });
    await assert.rejects(start(), /channels\.webhooks\.siem\.secret\.1: env:MISSING is not set/);
  });
});

describe('a place that fails', () => {
  it('is asked again later and later; one request waits in order, others do not wait for it', async () => {
    let poisoned = '';
    there.answer = ({ event }) => (event.subject === poisoned ? 500 : 204);
    await start();
    poisoned = held(await rig.call('ask', { n: 'bad' })).id;
    await rig.answer(poisoned, 'bob');
    await until('it was refused', () => there.got.some(({ event }) => event.subject === poisoned));
    await oneCall({ n: 'good' });
    await until('the other is told', () => there.taken.length === 5);
    assert.deepEqual(types(), STORY);
    const asked = () =>
      there.got.filter(({ event }) => event.subject === poisoned).map(({ event }) => event.type);
    assert.deepEqual(asked(), ['countersign.request.opened'], 'what came after it waits for it');
    rig.time.now += 4_900;
    await rig.call('ask', { n: 'tick' });
    await until('the tick is told', () => there.taken.length === 6);
    assert.equal(asked().length, 1, 'not before its time');
    rig.time.now += 200;
    await until('it was asked again', () => asked().length === 2);
    there.answer = 204;
    rig.time.now += 301_000;
    await until('it is all told', () => there.taken.length === 9);
    assert.deepEqual(
      there.taken.filter(({ event }) => event.subject === poisoned).map(({ event }) => event.type),
      ['countersign.request.opened', 'countersign.request.reviewed', 'countersign.request.resolved'],
    );
  });

  it('delays no other place', async () => {
    const slow = await startReceiver([OLD]);
    slow.answer = 'silent';
    try {
      configure({ slow: hook({ url: slow.url }), siem: hook() });
      await start();
      await oneCall({ n: '1' });
      await until('the other is told', () => there.taken.length === 5);
      assert.equal(slow.taken.length, 0);
      assert.ok(slow.got.length >= 1);
    } finally {
      await slow.close();
    }
  });

  it('when it never comes back the notice is dead after ten times, is listed, and can be replayed', async () => {
    there.answer = 503;
    const { dead, replay, list } = await start();
    configure({ siem: hook({ events: ['countersign.request.opened'] }) });
    const { id } = held(await rig.call('ask'));
    for (let n = 1; n <= 10; n += 1) {
      await until(`it was tried ${n} times`, () => there.got.length === n);
      await until('that is kept', async () => (await attempts()) === n);
      rig.time.now += 25 * 3_600_000;
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
    there.answer = 204;
    assert.equal(await replay('webhook:siem'), 1);
    await until('it is told', () => there.taken.length === 1);
    assert.equal(await replay('webhook:nobody'), undefined);
    await until('that is kept', async () => (await list())[0]?.delivered === 1);
    const [well] = await list();
    assert.deepEqual([well?.dead, well?.delivered, well?.trouble], [0, 1, undefined]);
  });

  const attempts = async (): Promise<number> => {
    const [row] = await rig.store.read({ sql: 'SELECT attempts FROM webhook_deliveries', params: [] });
    return Number(row?.['attempts'] ?? 0);
  };

  it('that says it is gone (410) is left alone until somebody replays', async () => {
    there.answer = 410;
    const { list, replay } = await start();
    await rig.call('ask', { n: 1 });
    await until('it is gone', async () => (await list())[0]?.gone_at !== undefined);
    await rig.call('ask', { n: 2 });
    await until('both are dead', async () => (await list())[0]?.dead === 2);
    assert.equal(there.got.length, 1);
    there.answer = 204;
    assert.equal(await replay('webhook:siem'), 2);
    await until('both are told', () => there.taken.length === 2);
    assert.equal((await list())[0]?.gone_at, undefined);
  });

  it('is not asked before the time it names', async () => {
    there.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await start();
    await rig.call('ask', { n: 1 });
    await until('it was asked', async () => (await attempts()) === 1);
    there.answer = 204;
    const [row] = await rig.store.read({ sql: 'SELECT next_at FROM webhook_deliveries', params: [] });
    assert.equal(Number(row?.['next_at']), rig.time.now + 3_600_000);
  });

  it('a redirect is not followed, a place inside is not reached, and both are said', async () => {
    const inside = await startReceiver([OLD]);
    try {
      configure({
        siem: hook(),
        metadata: hook({ url: inside.url.replace('http:', 'https:'), allow_networks: [] }),
      });
      there.answer = () => ({ status: 302, headers: { location: inside.url } });
      const { list } = await start();
      await rig.call('ask');
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
    ...rig.deps.store,
    commit: async (command) => {
      if (command.name !== name) return rig.deps.store.commit(command);
      if (when === 'after') await rig.deps.store.commit(command);
      throw new Error('killed');
    },
  });

  for (const when of ['before', 'after'] as const)
    for (const name of ['follow-webhooks', 'lease-notice', 'notice-delivered'])
      it(`${when} “${name}” loses nothing and tells nothing out of order`, async () => {
        await start({ store: losing(name, when) });
        await oneCall({ n: '1' });
        // As far as it comes: then the process is gone.
        await new Promise((done) => setTimeout(done, 150));
        await stop();
        await start();
        rig.time.now += 31_000; // whoever had taken a notice is taken for dead
        await until('all is told', () => there.taken.length === 5);
        assert.deepEqual(types(), STORY);
      });

  it('two gateways on one store tell each notice once', async () => {
    const second = await openWebhooks({
      ...rig.deps,
      config: () => config,
      secret,
      random: () => 0,
      look_every_ms: 20,
    });
    try {
      await start();
      const ids = await Promise.all([1, 2, 3].map((n) => oneCall({ n: String(n) })));
      await until('all is told', () => there.taken.length === 15);
      assert.equal(there.got.length, 15, 'none twice');
      for (const id of ids)
        assert.deepEqual(
          there.taken
            .filter(({ event }) => event.subject === id)
            .map(({ event }) => event.type.replace('countersign.', '')),
          STORY,
        );
    } finally {
      await second.close();
    }
  });
});

describe('callbacks of access requests (ARAP)', () => {
  const allow = (over: object = {}) =>
    configure(
      {},
      {
        coder: {
          to: [there.url.replace(/\?.*/, '')],
          secret: 'env:OLD',
          allow_networks: ['127.0.0.1'],
          ...over,
        },
      },
    );
  const ask = async (n: string) => held(await rig.call('ask', { n })).id;

  it('tell the task’s id and status and where to ask, signed, and nothing that could be taken for an approval', async () => {
    allow();
    const { callbacks } = await start();
    const id = await ask('1');
    assert.equal(await callbacks.register('coder', id, { endpoint: there.url, state: 'xyz' }), 'registered');
    await rig.answer(id, 'bob');
    await until('it is told', () => there.taken.length === 1);
    const { body, type, good_for } = there.taken[0] ?? assert.fail('nothing came');
    assert.equal(type, 'application/json');
    assert.deepEqual(good_for, [OLD]);
    assert.deepEqual(JSON.parse(body), {
      state: 'xyz',
      task: { id, status: 'approved', status_endpoint: `http://localhost:7070/access/v1/requests/${id}` },
    });
    await until('it is forgotten', async () => (await open()) === 0);
  });

  const open = async (): Promise<number> => {
    const [row] = await rig.store.read({ sql: 'SELECT COUNT(*) AS n FROM webhook_callbacks', params: [] });
    return Number(row?.['n']);
  };

  it('come for the events that were asked for, of the agent’s own requests that are still open', async () => {
    allow();
    const { callbacks } = await start();
    const [denied, approved] = [await ask('1'), await ask('2')];
    const endpoint = there.url;
    await callbacks.register('coder', denied, { endpoint, events: ['approved'] });
    await callbacks.register('coder', approved, { endpoint, events: ['approved'] });
    assert.equal(
      await callbacks.register('other', approved, { endpoint }),
      'over',
      'another agent’s request',
    );
    await rig.answer(denied, 'bob', { decision: 'denied', reason: 'no' });
    await rig.answer(approved, 'bob');
    await until('it is told', () => there.taken.length === 1);
    assert.equal((JSON.parse(there.taken[0]?.body ?? '') as { task: { id: string } }).task.id, approved);
    assert.equal(await callbacks.register('coder', approved, { endpoint }), 'over');
    allow({ open_max: 1 });
    const [one, two] = [await ask('3'), await ask('4')];
    await rig.store.commit({
      name: 'test',
      steps: [{ name: 'all', sql: 'DELETE FROM webhook_callbacks', params: [], rows: 'any' }],
      entries: [],
    });
    assert.equal(await callbacks.register('coder', one, { endpoint }), 'registered');
    assert.equal(await callbacks.register('coder', one, { endpoint }), 'registered', 'the same again');
    assert.equal(await callbacks.register('coder', two, { endpoint }), 'too_many');
  });

  it('go only below the places that are configured for the agent', async () => {
    configure(
      {},
      { coder: { to: ['https://app.example.com/in', 'https://other.example.com/'], secret: 'env:OLD' } },
    );
    const { refusal } = (await start()).callbacks;
    for (const good of [
      'https://app.example.com/in',
      'https://app.example.com/in/1?x=2',
      'https://other.example.com/any',
      'https://APP.example.com:443/in/../in/3',
    ])
      assert.equal(refusal('coder', good), undefined, good);
    for (const bad of [
      'https://app.example.com/inside',
      'https://app.example.com/in/../admin',
      'https://app.example.com/in/%2e%2e/admin',
      'https://app.example.com/in/..%2fadmin',
      'https://app.example.com/in/x%5c..',
      'https://app.example.com:8443/in',
      'http://app.example.com/in',
      'https://app.example.com.evil.test/in',
      'https://app.example.com@evil.test/in',
      'https://user:pass@app.example.com/in',
      'https://app.example.com/in#x',
      'http://169.254.169.254/in',
      'app.example.com/in',
      '',
    ])
      assert.match(refusal('coder', bad) ?? 'allowed', /^must b/, bad);
    assert.match(refusal('other', 'https://app.example.com/in') ?? '', /channels\.callbacks\.other/);
  });
});

it('a test notice says what came back', async () => {
  const { test } = await start();
  const taken = await test('siem');
  assert.equal(taken?.taken, true);
  assert.deepEqual(types(), ['test']);
  there.answer = 500;
  const refused = await test('siem');
  assert.deepEqual(
    [refused?.taken, refused !== undefined && 'trouble' in refused && refused.trouble],
    [false, 'answered 500'],
  );
  assert.equal(await test('nobody'), undefined);
});
