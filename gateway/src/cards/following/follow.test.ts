/** What the log asks for comes to be carried, however much of it at once, and whatever is wrong with one request. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { openPaper } from '../../../testing/paper.ts';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { eventually } from '../../../testing/until.ts';
import { channelsSchema } from '../../channels/config.ts';
import { configSchema } from '../../config/config.ts';
import type { Command, Store } from '../../store/store.ts';
import { createCards } from '../cards.ts';
import type { Linking } from '../linking.ts';
import type { Told } from '../plan.ts';
import { listAside } from './aside.ts';
import { type Follower, startFollower } from './follow.ts';

const CONFIG = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'] },
    bob: { name: 'Bob', roles: ['reviewer'] },
  },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')], pending_max: 1000, requests_per_hour: 10_000 } },
});
const POLICY = policyOf({ write: { then: 'require', requirement: { ...SEAT, within_ms: 3_600_000 } } });
const NO_LINKING: Linking = {
  begin: async () => '',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: '' }),
  adopt: async () => undefined,
};

let rig: Rig;
let follower: Follower | undefined;
let said: string[] = [];
const commands: Command[] = [];
const open = async (): Promise<void> => {
  said = [];
  commands.length = 0;
  const wrap = (store: Store): Store => ({
    ...store,
    commit(command) {
      commands.push(command);
      return store.commit(command);
    },
  });
  rig = await createRig(POLICY, { config: CONFIG, wrap });
};
afterEach(async () => {
  await follower?.close();
  follower = undefined;
  await rig.close();
});

const ask = async (n: number): Promise<string> => held(await rig.call('write', { n })).id;
const told = (place: string, over: Partial<Told> = {}): Told => ({
  channel: 'paper',
  place,
  because: 'asked',
  turn: 0,
  due_at: rig.time.now,
  likeness: 'x',
  ...over,
});
const follow = async (plan: (id: string) => Promise<readonly Told[]>): Promise<Follower> => {
  const { store, now } = rig.deps;
  const note = (_: object, message: string): void => void said.push(message);
  const log = { info: note, warn: note, error: note };
  follower = await startFollower({ store, now, plan, log, moved: () => undefined, safe: (text) => text });
  await follower.catchUp();
  return follower;
};
const planned = async (): Promise<readonly string[]> => {
  const rows = await rig.store.read({
    sql: 'SELECT request_id, MIN(id) AS first FROM cards GROUP BY request_id ORDER BY first',
    params: [],
  });
  return rows.map((row) => String(row['request_id']));
};

describe('A20: one request no card can be made for keeps no other from being shown', () => {
  it('is set aside, said once, and gets its cards when they can be made', async () => {
    await open();
    const seen: string[] = [];
    let mended = false;
    const at = await follow(async (id) => {
      if (!seen.includes(id)) seen.push(id);
      if (id === seen[1] && !mended) throw new TypeError('cannot be read');
      return [told('desk')];
    });
    await Promise.all([1, 2, 3, 4].map(ask));
    await at.catchUp();
    const [first, bad, ...others] = seen;
    assert.deepEqual(await planned(), [first, ...others]);
    assert.equal(others.length, 2);
    assert.equal((await listAside(rig.store)).oldest[0]?.request_id, bad);
    mended = true;
    rig.time.now += 10_000;
    await eventually(
      () => 'its card, at last',
      async () => ((await planned()).includes(bad ?? '') ? true : undefined),
    );
    assert.equal((await listAside(rig.store)).count, 0);
    assert.equal(said.filter((each) => each.includes('set aside and tried again')).length, 1);
  });

  it('never leaves without its cards, but when it is over; then that is said', async () => {
    await open();
    const id = await ask(1);
    const other = await ask(2);
    await follow(async (each) => {
      if (each === id) throw new TypeError('cannot be read');
      return [told('desk')];
    });
    assert.deepEqual(await planned(), [other]);
    const { count, oldest } = await listAside(rig.store);
    assert.deepEqual([count, oldest[0]?.request_id, oldest[0]?.attempts], [1, id, 1]);
    assert.equal(said.filter((each) => each.includes('set aside and tried again')).length, 1);
    rig.time.now += 10_000;
    await eventually(
      () => 'tried again',
      async () => ((await listAside(rig.store)).oldest[0]?.attempts === 2 ? true : undefined),
    );
    await rig.requests.cancel(id, 'alice');
    rig.time.now += 10_000;
    await eventually(
      () => 'let go',
      async () => ((await listAside(rig.store)).count === 0 ? true : undefined),
    );
    assert.ok(
      said.some((each) => each.includes('is over: no card was ever made')),
      said.join('\n'),
    );
  });

  it('is not said to have its cards when it was over before any could be made', async () => {
    await open();
    const id = await ask(1);
    await follow(async () => {
      const [row] = await rig.store.read({ sql: 'SELECT status FROM requests WHERE id = $1', params: [id] });
      if (row?.['status'] === 'pending') throw new TypeError('cannot be read');
      return []; // It asks nobody any more.
    });
    assert.equal((await listAside(rig.store)).count, 1);
    await rig.requests.cancel(id, 'alice');
    rig.time.now += 10_000;
    await eventually(
      () => 'let go',
      async () => ((await listAside(rig.store)).count === 0 ? true : undefined),
    );
    await eventually(
      () => `said: ${said.join('\n')}`,
      async () => (said.some((each) => each.includes('is over: no card was ever made')) ? true : undefined),
    );
    assert.ok(!said.some((each) => each.includes('at last')), said.join('\n'));
  });

  it('nor does one whose cards the store refuses', async () => {
    await open();
    const at = await follow(async (id) => {
      const odd = await rig.store.read({
        sql: "SELECT 1 FROM payloads p JOIN requests r ON r.payload_id = p.id WHERE r.id = $1 AND p.body LIKE '%odd%'",
        params: [id],
      });
      return [told('desk', odd.length === 0 ? {} : { because: 'bogus' as Told['because'] })];
    });
    const good = await ask(1);
    const bad = held(await rig.call('write', { odd: true })).id;
    const more = await ask(3);
    await at.catchUp();
    await eventually(
      () => 'the others',
      async () => ((await planned()).length === 2 ? true : undefined),
    );
    assert.deepEqual(await planned(), [good, more]);
    assert.equal((await listAside(rig.store)).oldest[0]?.request_id, bad);
  });

  it('nor does it keep a gateway from starting', async () => {
    await open();
    const [bad, good] = [await ask(1), await ask(2)];
    const break_it = {
      name: 'break',
      sql: "UPDATE requests SET principal = '{' WHERE id = $1",
      params: [bad],
      rows: 1,
    };
    await rig.store.commit({ name: 'test', steps: [break_it], entries: [] });
    const paper = openPaper();
    const { deps, requests } = rig;
    const cards = createCards({ deps, requests, config: channelsSchema.parse({}), linking: NO_LINKING });
    await cards.start([paper.channel]);
    try {
      await paper.shows(good);
      assert.equal((await cards.aside()).oldest[0]?.request_id, bad);
    } finally {
      await cards.close();
    }
  });
});

describe('what is committed at once', () => {
  it('is bounded, however many requests are opened and however many places each is shown at', async () => {
    await open();
    const places = Array.from({ length: 150 }, (_, n) => told(`place-${n}-${'x'.repeat(100)}`));
    const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n)));
    const at = await follow(async () => places);
    const more = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(100 + n)));
    await at.catchUp();
    assert.equal((await planned()).length, ids.length + more.length);
    const [row] = await rig.store.read({ sql: 'SELECT COUNT(*) AS n FROM cards', params: [] });
    assert.equal(Number(row?.['n']), 120 * 150);
    for (const { name, steps } of commands) {
      const params = steps.flatMap((step) => step.params);
      const characters = params.reduce<number>((sum, each) => sum + String(each).length, 0);
      assert.ok(
        params.length <= 10_200 && characters <= 1_100_000,
        `${name}: ${params.length}, ${characters}`,
      );
    }
  });

  it('of one request alone, too', async () => {
    await open();
    const at = await follow(async () => Array.from({ length: 5_000 }, (_, n) => told(`place-${n}`)));
    await ask(1);
    await at.catchUp();
    const [row] = await rig.store.read({ sql: 'SELECT COUNT(*) AS n FROM cards', params: [] });
    assert.equal(Number(row?.['n']), 5_000);
    for (const { steps } of commands)
      assert.ok(steps.flatMap((step) => step.params).length <= 10_200, 'bounded');
  });
});
