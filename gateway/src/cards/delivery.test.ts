/** Cards are carried in order, at the service's own pace, by one gateway at a time, and never lost; what cannot be shown is said. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { openGlassHouse } from '../../testing/glass.ts';
import { openPaper } from '../../testing/paper.ts';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { eventually } from '../../testing/until.ts';
import { type Card, type Channel, ChannelTrouble } from '../channels/channel.ts';
import { channelsSchema } from '../channels/config.ts';
import { configSchema } from '../config/config.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { type Cards, createCards } from './cards.ts';
import { backoffMs } from './carrying/dispatch.ts';
import type { Linking } from './linking.ts';

const PEOPLE = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'], accounts: ['slack:u-alice'] },
    bob: { name: 'Bob', roles: ['reviewer'], accounts: ['slack:u-bob'] },
    dora: { name: 'Dora', roles: ['reviewer'], accounts: ['slack:u-dora'] },
  },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')], pending_max: 1000 } },
});
const POLICY = policyOf(
  {
    write: { then: 'require', requirement: { ...SEAT, within_ms: 3_600_000 } },
    smash: {
      then: 'require',
      requirement: {
        ...SEAT,
        within_ms: 3_600_000,
        break_glass: { by: ['person:bob'], notify: ['person:dora'], review: ['anyone'] },
      },
    },
    read: { then: 'allow' },
  },
  '2b'.repeat(32),
);
const NO_LINKING: Linking = {
  begin: async () => '',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: 'none' }),
  adopt: async () => undefined,
};
/** None is folded into another here. */
const CONFIG = (() => {
  const config = channelsSchema.parse({});
  return { ...config, attention: { ...config.attention, together_from: 1_000 } };
})();

type Call = { readonly to: string; readonly card: Card; readonly at: number };

/** Notes what reaches it; `answer` says what comes of each. */
function service(
  kind: string,
  places: readonly string[],
  answer: (call: Call) => Promise<void> = async () => undefined,
) {
  const calls: Call[] = [];
  const take = async (to: string, card: Card): Promise<void> => {
    const call = { to, card, at: Date.now() };
    calls.push(call);
    await answer(call);
  };
  const channel: Channel = {
    kind,
    places,
    placeOf: (account) => (account.startsWith(`${kind}:`) ? account.slice(kind.length + 1) : undefined),
    async post(card, to) {
      await take(to, card);
      return to;
    },
    update: (card, posted) => take(posted, card),
    health: () => ({ ok: true, says: 'fine' }),
    close: async () => undefined,
  };
  return { channel, calls, of: (id: string) => calls.filter(({ card }) => card.request_id === id) };
}

describe('carrying cards', () => {
  let rig: Rig | undefined;
  const running: Cards[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((cards) => cards.close()));
    await rig?.close();
    rig = undefined;
  });
  const open = async (): Promise<Rig> => {
    const time = {
      skew: 0,
      get now() {
        return Date.now() + time.skew;
      },
    };
    rig = await createRig(POLICY, { config: PEOPLE, time });
    return rig;
  };
  const start = async ({ deps, requests }: Rig, ...channels: readonly Channel[]): Promise<Cards> => {
    const cards = createCards({ deps, requests, config: CONFIG, linking: NO_LINKING });
    running.push(cards);
    await cards.start(channels);
    return cards;
  };
  const ask = async (from: Rig, n: number): Promise<string> =>
    held(await from.call('write', { path: `/srv/${n}` })).id;

  it('posts at a place in the order requests were opened, one at a time; places do not wait for each other', async () => {
    const here = await open();
    let under_way = 0;
    const slow = service('slow', ['a', 'b'], async ({ to }) => {
      if (to !== 'a') return;
      under_way += 1;
      assert.equal(under_way, 1, 'one at a time');
      await new Promise((resolve) => setTimeout(resolve, 20));
      under_way -= 1;
    });
    await start(here, slow.channel);
    const asked: string[] = [];
    for (let n = 0; n < 12; n += 1) asked.push(await ask(here, n));
    await eventually(
      () => `12 at each place; ${slow.calls.length} calls`,
      async () => (slow.calls.length === 24 ? true : undefined),
    );
    for (const place of ['a', 'b'])
      assert.deepEqual(
        slow.calls.filter(({ to }) => to === place).map(({ card }) => card.request_id),
        asked,
      );
  });

  it('carries nothing when it could not be started, and everything once it is', async () => {
    const here = await open();
    const asked = await ask(here, 1);
    const looks: string[] = [];
    const failing: Store = {
      ...here.store,
      commit: () => Promise.reject(new StoreUnavailable('the disk is full', 'no')),
      read: (query) => {
        if (query.sql.includes('AS lane')) looks.push(query.sql);
        return here.store.read(query);
      },
    };
    const one = service('one', ['a']);
    const deps = { ...here.deps, store: failing };
    const cards = createCards({ deps, requests: here.requests, config: CONFIG, linking: NO_LINKING });
    running.push(cards);
    await assert.rejects(cards.start([one.channel]), /the disk is full/);
    assert.deepEqual([looks, one.calls], [[], []], 'nobody looks what there is to carry');
    await start(here, one.channel);
    await eventually('it is shown', async () => (one.of(asked).length === 1 ? true : undefined));
  });

  it('leaves a place alone for as long as its service says, and no other', async () => {
    const here = await open();
    let limited = true;
    const strict = service('strict', ['busy', 'free'], async ({ to }) => {
      if (to === 'busy' && limited) {
        limited = false;
        throw new ChannelTrouble('Too many.', 'later', 1_500);
      }
    });
    await start(here, strict.channel);
    await ask(here, 1);
    await ask(here, 2);
    const at = (place: string) => strict.calls.filter(({ to }) => to === place);
    await eventually(
      () => 'both at the free place',
      async () => (at('free').length === 2 ? true : undefined),
    );
    assert.equal(at('busy').length, 1, 'nothing more is tried there meanwhile');
    await eventually(
      () => 'both at the busy one',
      async () => (at('busy').length === 3 ? true : undefined),
    );
    const [first, second] = at('busy');
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 1_450, 'not before it said');
  });

  it('gives up where only an operator can help, says so, and shows it as it is once it is tried again', async () => {
    const here = await open();
    let gone = true;
    const odd = service('odd', ['x'], async () => {
      if (gone) throw new ChannelTrouble('channel_not_found\u202e', 'never');
    });
    const cards = await start(here, odd.channel);
    const request = await ask(here, 1);
    const dead = await eventually(
      () => 'a dead card',
      async () => (await cards.dead({ limit: 10 }))[0],
    );
    assert.deepEqual(
      [dead.request_id, dead.place, dead.trouble],
      [request, 'x', 'channel_not_found\\u{202E}'],
    );
    assert.deepEqual(
      (await cards.list()).map((each) => each.dead),
      [1],
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(odd.calls.length, 1, 'it is not tried by itself');
    gone = false;
    assert.equal(await cards.replay(dead.id), true);
    assert.equal(await cards.replay(dead.id), false, 'it is not dead any more');
    await eventually(
      () => 'shown',
      async () => (odd.calls.length === 2 ? true : undefined),
    );
    assert.deepEqual(await cards.dead({ limit: 10 }), []);
  });

  it('shows what was over before it could be shown to nobody, and never calls where nothing changed', async () => {
    const here = await open();
    let down = true;
    const late = service('late', ['x'], async () => {
      if (down) throw new ChannelTrouble('closed', 'later', 500);
    });
    const paper = openPaper();
    const cards = await start(here, late.channel, paper.channel);
    const over = await ask(here, 1);
    await paper.shows(over);
    await here.answer(over, 'bob');
    const waits = await ask(here, 2);
    down = false;
    await eventually(
      () => 'the one that waits is shown',
      async () => (late.of(waits).length > 0 ? true : undefined),
    );
    await eventually(
      () => 'nothing is on the way',
      async () => ((await cards.list()).every(({ waiting }) => waiting === 0) ? true : undefined),
    );
    assert.ok(
      late.of(over).every(({ card }) => card.status === 'pending'),
      'it is never posted as over',
    );
    // An answer that does not count goes on the record, and changes nothing a card says.
    const before = late.of(waits).length;
    await here.answer(waits, 'alice');
    await cards.caughtUp();
    await eventually(
      () => 'settled',
      async () => ((await cards.list()).every(({ waiting }) => waiting === 0) ? true : undefined),
    );
    assert.equal(late.of(waits).length, before);
  });

  it('a channel that throws what it should not is tried again, and takes nothing down', async () => {
    const here = await open();
    let broken = true;
    const rough = service('rough', ['x'], async () => {
      if (!broken) return;
      broken = false;
      throw new TypeError('undefined is not a function');
    });
    await start(here, rough.channel);
    await ask(here, 1);
    await eventually(
      () => 'tried again',
      async () => (rough.calls.length === 2 ? true : undefined),
    );
  });

  it('a channel that is new is told of what waits already; of what is over, nothing', async () => {
    const here = await open();
    const [over, waits] = [await ask(here, 1), await ask(here, 2)];
    await here.answer(over, 'bob');
    const first = service('first', ['x']);
    const cards = await start(here, first.channel);
    await eventually(
      () => 'shown',
      async () => (first.of(waits).length === 1 ? true : undefined),
    );
    await cards.close();
    const second = service('second', ['y']);
    await start(here, first.channel, second.channel);
    await eventually(
      () => 'shown there too',
      async () => (second.of(waits).length === 1 ? true : undefined),
    );
    assert.equal(first.of(waits).length, 1, 'and not once more where it stood');
    assert.deepEqual([first.of(over), second.of(over)], [[], []]);
  });

  it('misses nothing of a long log, and skips one that is too long to read', async () => {
    const here = await open();
    const before = service('one', ['x']);
    const cards = await start(here, before.channel);
    const waits = await ask(here, 0);
    await eventually(
      () => 'shown',
      async () => (before.of(waits).length === 1 ? true : undefined),
    );
    await cards.close();
    for (let n = 0; n < 120; n += 1) {
      const verdict = await here.call('read', { n });
      if (verdict.kind === 'permitted')
        await verdict.permit.finish({ status: 'succeeded', result: { body: '{}' } });
    }
    await here.answer(waits, 'bob');
    await start(here, before.channel);
    await eventually(
      () => 'shown as approved',
      async () => (before.of(waits).some(({ card }) => card.status === 'approved') ? true : undefined),
    );
    await running.pop()?.close();
    // As if twenty thousand entries had come meanwhile.
    await here.store.commit({
      name: 'test',
      steps: [
        {
          name: 'back',
          sql: "UPDATE meta SET value = '-30000' WHERE name = 'cards_followed'",
          params: [],
          rows: 1,
        },
      ],
      entries: [],
    });
    const another = await ask(here, 1);
    await start(here, before.channel);
    await eventually(
      () => 'shown after the skip',
      async () => (before.of(another).length === 1 ? true : undefined),
    );
  });

  it('tells broken glass to each person it must be told to, by themselves, and wherever it stands', async () => {
    const here = await open();
    const glass = openGlassHouse(here);
    const { authenticator } = await glass.give('bob');
    const hall = service('slack', ['hall']);
    await start(here, hall.channel);
    const id = held(await here.call('smash', { n: 1 })).id;
    await eventually(
      () => 'asked',
      async () => (hall.of(id).length === 1 ? true : undefined),
    );
    const outcome = await glass.smash({ request_id: id, reviewer: 'bob', authenticator });
    assert.equal(outcome.kind, 'broken', JSON.stringify(outcome));
    const told = await eventually(
      () =>
        `alice, who owns the agent, and dora, whom the rule names; ${JSON.stringify(hall.of(id).map(({ to }) => to))}`,
      async () => {
        const calls = hall.of(id).filter(({ card }) => card.status === 'approved');
        return new Set(calls.map(({ to }) => to)).size === 3 ? calls : undefined;
      },
    );
    assert.deepEqual([...new Set(told.map(({ to }) => to))].sort(), ['hall', 'u-alice', 'u-dora']);
    for (const { card } of told) {
      assert.match(card.progress.join(' '), /Glass broken: bob/);
      assert.equal(card.offers.kind, 'none');
    }
  });

  it('waits longer each time, within bounds', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const ms = backoffMs(attempts, random);
        assert.ok(ms >= 500 && ms <= 300_000);
        assert.ok(backoffMs(attempts + 1, random) >= ms);
      }),
    );
  });
});
