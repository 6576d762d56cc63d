/** A service that limits calls delays what can wait: never broken glass, never that buttons come off, never what is urgent behind what is not. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { openGlassHouse } from '../../../testing/glass.ts';
import { openPaper, type Paper } from '../../../testing/paper.ts';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { eventually } from '../../../testing/until.ts';
import { type Card, ChannelTrouble } from '../../channels/channel.ts';
import { channelsSchema } from '../../channels/config.ts';
import { configSchema } from '../../config/config.ts';
import type { Deps } from '../../deps.ts';
import { type Cards, createCards } from '../cards.ts';
import { forgetOldCards } from '../forget.ts';
import type { Linking } from '../linking.ts';

const PEOPLE = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'] },
    bob: { name: 'Bob', roles: ['reviewer'] },
    dora: { name: 'Dora', roles: ['reviewer', 'operator'], accounts: ['paper:dora'] },
  },
  groups: { night: ['dora'] },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')], pending_max: 100 } },
});
const HOUR = 3_600_000;
const POLICY = policyOf(
  {
    write: { then: 'require', risk: 'low', requirement: { ...SEAT, within_ms: HOUR } },
    drop: { then: 'require', risk: 'critical', requirement: { ...SEAT, within_ms: HOUR } },
    smash: {
      then: 'require',
      requirement: {
        ...SEAT,
        within_ms: HOUR,
        break_glass: { by: ['person:bob'], notify: ['person:dora'], review: ['anyone'] },
      },
    },
  },
  '2b'.repeat(32),
);
const NO_LINKING: Linking = {
  begin: async () => '',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: 'none' }),
  adopt: async () => undefined,
};

let rig: Rig;
let paper: Paper;
const running: Cards[] = [];
const time = {
  skew: 0,
  /** By so much the clock was set back, which nothing that ran since knows of. */
  back: 0,
  get now() {
    return Date.now() + time.skew - time.back;
  },
};
const open = async (): Promise<void> => {
  time.skew = 0;
  time.back = 0;
  rig = await createRig(POLICY, { config: PEOPLE, time });
  paper = openPaper();
};
const start = async (over: Partial<Deps> = {}, to = ['paper:dora']): Promise<Cards> => {
  const config = channelsSchema.parse({ routes: [{ to }], attention: { together_from: 1000 } });
  const cards = createCards({
    deps: { ...rig.deps, ...over },
    requests: rig.requests,
    config,
    linking: NO_LINKING,
    elapsed: () => performance.now() + time.skew,
  });
  running.push(cards);
  await cards.start([paper.channel]);
  return cards;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((cards) => cards.close()));
  await rig.close();
});

const ask = async (tool: string, n: number): Promise<string> => held(await rig.call(tool, { n })).id;
const posted = (): readonly string[] => paper.posted.map(({ card }) => card.request_id);
const cardOf = (id: string): Card | undefined =>
  [...paper.cards.values()].find(({ request_id }) => request_id === id);
const when = (what: string, holds: () => boolean): Promise<true> =>
  eventually(
    () => `${what}; posted: ${posted().join()}`,
    async () => (holds() ? true : undefined),
  );
const smashed = async (): Promise<string> => {
  const glass = openGlassHouse(rig);
  const { authenticator } = await glass.give('bob');
  const request_id = await ask('smash', 0);
  const outcome = await glass.smash({ request_id, reviewer: 'bob', authenticator });
  assert.equal(outcome.kind, 'broken', JSON.stringify(outcome));
  return request_id;
};

describe('where a service said to wait', () => {
  it('it is waited so long and no longer, though the clock is set back meanwhile', async () => {
    await open();
    paper.before = () => {
      throw new ChannelTrouble('Too many.', 'later', 600_000);
    };
    await start();
    await ask('write', 1);
    const settled = { sql: 'SELECT 1 FROM cards WHERE attempts > 0', params: [] };
    await eventually(
      () => 'it was told to wait',
      async () => ((await rig.store.read(settled)).length > 0 ? true : undefined),
    );
    paper.before = () => undefined;
    time.back = 2 * HOUR;
    const next = await ask('write', 2);
    await new Promise((resolve) => setTimeout(resolve, 600)); // it has looked, and left the place alone
    assert.deepEqual(posted(), []);
    time.skew += 600_000;
    await when('the next is shown', () => posted().includes(next));
  });

  it('broken glass is told all the same', async () => {
    await open();
    let refused = 0;
    paper.before = (card) => {
      if (card.glass_open === true) return;
      refused += 1;
      throw new ChannelTrouble('Too many.', 'later', 600_000);
    };
    await start();
    await ask('write', 1);
    await when('a flood that was told to wait', () => refused > 0);
    const id = await smashed();
    await when('dora hears of it', () => cardOf(id)?.glass_open === true);
  });

  it('what stands there is changed all the same: buttons come off', async () => {
    await open();
    await start();
    const first = await ask('write', 1);
    await when('shown', () => cardOf(first) !== undefined);
    let refused = 0;
    paper.before = (card) => {
      if (card.request_id === first) return;
      refused += 1;
      throw new ChannelTrouble('Too many.', 'later', 600_000);
    };
    await ask('write', 2);
    await when('the next was told to wait', () => refused > 0);
    await rig.answer(first, 'bob', { decision: 'denied' });
    await when('shown as denied', () => cardOf(first)?.status === 'denied');
  });

  it('what is urgent goes first once it may', async () => {
    await open();
    let open_at = Number.POSITIVE_INFINITY;
    let refused = 0;
    paper.before = () => {
      if (Date.now() >= open_at) return;
      refused += 1;
      open_at = Math.min(open_at, Date.now() + 1_500);
      throw new ChannelTrouble('Too many.', 'later', 1_500);
    };
    await start();
    const low: string[] = [await ask('write', 1)];
    await when('the first was told to wait', () => refused === 1);
    for (let n = 2; n < 5; n += 1) low.push(await ask('write', n));
    const critical = await ask('drop', 9);
    await when('all of them', () => posted().length === 5);
    assert.equal(posted()[0], critical);
    assert.deepEqual([...posted().slice(1)].sort(), [...low].sort());
  });
});

describe('what goes wrong on this side', () => {
  it('a card that cannot be drawn is said to fail, and keeps no other', async () => {
    await open();
    const cards = await start({}, ['paper:desk']);
    const bad = await ask('write', 1);
    await when('shown', () => cardOf(bad) !== undefined);
    const break_it = [
      { name: 'break', sql: "UPDATE requests SET principal = '{' WHERE id = $1", params: [bad], rows: 1 },
      {
        name: 'anew',
        sql: "UPDATE cards SET wanted = wanted + 1 WHERE request_id = $1 AND because = 'asked'",
        params: [bad],
        rows: 1,
      },
    ];
    await rig.store.commit({ name: 'test', steps: break_it, entries: [] });
    await eventually(
      () => 'said to fail',
      async () => ((await cards.list())[0]?.failing === 1 ? true : undefined),
    );
    const good = await ask('write', 2);
    await when('the other is shown', () => cardOf(good) !== undefined);
  });

  it('A17: who took too long to draw it does not post what another has posted', async () => {
    await open();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let drawing = 0;
    const slow = {
      ...rig.deps.masking,
      async redactionsApart() {
        drawing += 1;
        await gate;
        return new Map();
      },
    };
    await start({ masking: slow }, ['paper:desk']);
    const id = await ask('write', 1);
    await when('it is drawn, slowly', () => drawing > 0);
    await start({}, ['paper:desk']);
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // it has seen that somebody carries it
    time.skew += 60_000;
    await when('the other gateway posts it', () => posted().length === 1);
    release();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.deepEqual(posted(), [id]);
  });
});

describe('broken glass, however late a channel comes', () => {
  it('is told by one that was not there when it was broken', async () => {
    await open();
    const id = await smashed();
    await start();
    await when('told', () => cardOf(id)?.glass_open === true);
  });

  it('is not forgotten while nobody has judged it, so it is not told twice', async () => {
    await open();
    await start();
    const over = await ask('write', 1);
    const id = await smashed();
    await when('told', () => cardOf(id)?.glass_open === true && cardOf(over) !== undefined);
    await rig.answer(over, 'bob', { decision: 'denied' });
    const kept = async () =>
      new Set(
        (await rig.store.read({ sql: 'SELECT request_id FROM cards', params: [] })).map(
          (row) => row['request_id'],
        ),
      );
    await forgetOldCards(rig.store, () => rig.deps.now() + 91 * 24 * HOUR);
    assert.deepEqual(await kept(), new Set([id]));
  });
});

describe('a channel that shows less than all of a card', () => {
  it('is called only when that changes, whoever asks after a restart', async () => {
    await open();
    let updates = 0;
    const { update } = paper.channel;
    Object.assign(paper.channel, {
      faceOf: ({ status }: Card) => (status === 'pending' ? 'asked' : 'over'),
      update: (card: Card, at: string) => {
        updates += 1;
        return update(card, at);
      },
    });
    const cards = await start({}, ['paper:desk']);
    const id = await ask('write', 1);
    await when('shown', () => cardOf(id) !== undefined);
    await rig.answer(id, 'bob');
    await when('said to be over', () => updates === 1);
    await cards.close();
    running.pop();
    const again = await start({}, ['paper:desk']);
    const verdict = await rig.call('write', { n: 1 });
    assert.equal(verdict.kind, 'permitted');
    await again.caughtUp();
    await eventually(
      () => 'nothing on the way',
      async () => ((await again.list()).every(({ waiting }) => waiting === 0) ? true : undefined),
    );
    assert.equal(updates, 1);
  });
});
