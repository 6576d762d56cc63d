/** People asked without being worn down: reminders, hours, passing on, so many an hour, and one for many alike (A19). */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { openPaper, type Paper } from '../../../testing/paper.ts';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { eventually } from '../../../testing/until.ts';
import { ChannelTrouble } from '../../channels/channel.ts';
import { channelsSchema } from '../../channels/config.ts';
import { configSchema } from '../../config/config.ts';
import { type Cards, createCards } from '../cards.ts';
import type { Linking } from '../linking.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Friday, eight in the evening in Zurich. */
const EVENING = Date.parse('2026-11-20T19:00:00Z');
const LONG = { ...SEAT, within_ms: 96 * HOUR };
const POLICY = policyOf({
  write: { then: 'require', risk: 'medium', requirement: LONG },
  drop: { then: 'require', risk: 'high', requirement: LONG },
  guard: {
    then: 'require',
    requirement: { ...LONG, seats: [{ by: 'group:night', count: 1, proof: 'session' }] },
  },
});
const CONFIG = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'] },
    bob: { name: 'Bob', roles: ['reviewer'], accounts: ['paper:bob'] },
    nia: { name: 'Nia', roles: ['reviewer'], accounts: ['paper:nia'] },
    lea: { name: 'Lea', roles: ['auditor'], accounts: ['paper:lea'] },
  },
  groups: { dba: ['bob'], leads: ['lea'], night: ['nia'] },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')], pending_max: 100 } },
});
const NO_LINKING: Linking = {
  begin: async () => '',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: '' }),
  adopt: async () => undefined,
};

let rig: Rig;
let paper: Paper;
let cards: Cards;
const open = async (channels: object): Promise<void> => {
  rig = await createRig(POLICY, { config: CONFIG, time: { now: EVENING } });
  paper = openPaper();
  const config = channelsSchema.parse(channels);
  cards = createCards({ deps: rig.deps, requests: rig.requests, config, linking: NO_LINKING });
  await cards.start([paper.channel]);
};
afterEach(async () => {
  await cards.close();
  await rig.close();
});

const ask = async (tool = 'write', at = 0): Promise<string> => {
  rig.time.now += 1;
  const { id } = held(await rig.call(tool, { at }));
  await cards.caughtUp();
  return id;
};
const told = (): readonly string[] => paper.posted.map(({ to, card }) => `${to} ${card.because}`);
const becomes = (expected: readonly string[]): Promise<true> =>
  eventually(
    () => `${JSON.stringify(told())} becoming ${JSON.stringify(expected)}`,
    async () => (told().join() === expected.join() ? true : undefined),
  );
/** Two looks at what is due went by since. */
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1_200));
const toBob = { routes: [{ to: ['paper:group:dba'] }] };

describe('attention', () => {
  it('reminds where it was asked while nobody has resolved it, and not once somebody has', async () => {
    await open({ attention: { remind: { after: '15m', every: '30m', most: 2 } } });
    const id = await ask();
    await becomes(['desk asked']);
    rig.time.now += 15 * MINUTE;
    await becomes(['desk asked', 'desk reminded']);
    await rig.answer(id, 'bob', { decision: 'denied' });
    rig.time.now += HOUR;
    await settled();
    assert.deepEqual(told(), ['desk asked', 'desk reminded']);
    const shown = [...paper.cards.values()].map(({ status }) => status);
    assert.deepEqual(shown, ['denied', 'denied'], 'both say what became of it');
  });

  it('passes on to who is named, whether or not they may answer', async () => {
    await open({
      attention: { remind: { most: 0 }, escalate: [{ after: '10m', to: ['paper:group:leads'] }] },
    });
    await ask();
    await becomes(['desk asked']);
    rig.time.now += 10 * MINUTE;
    await becomes(['desk asked', 'lea escalated']);
  });

  it('leaves who is off duty alone until they begin, unless it is urgent; a restart forgets neither', async () => {
    const hours = { dba: { zone: 'Europe/Zurich' } };
    await open({ ...toBob, attention: { hours, remind: { most: 0 } } });
    await ask();
    await ask('drop', 1);
    await becomes(['bob asked']);
    assert.equal(paper.posted[0]?.card.risk, 'high');
    await cards.close();
    cards = createCards({
      deps: rig.deps,
      requests: rig.requests,
      config: channelsSchema.parse({ ...toBob, attention: { hours, remind: { most: 0 } } }),
      linking: NO_LINKING,
    });
    await cards.start([paper.channel]);
    await settled();
    assert.equal(told().length, 1);
    rig.time.now = Date.parse('2026-11-23T07:00:00Z');
    await becomes(['bob asked', 'bob asked']);
  });

  it('writes to who sits in for somebody away, in their stead', async () => {
    await open({ routes: [{ to: ['paper:group:night'] }], attention: { remind: { most: 0 } } });
    const { directory, duties } = rig.authority.current();
    assert.deepEqual(directory.person('nia')?.groups, ['night']);
    const away = { id: 'del_1', from: 'nia', to: 'bob', starts_at: EVENING - 1, until: EVENING + HOUR };
    await rig.authority.change('away', (current) => ({
      next: { ...current, duties: { ...duties, delegations: [away] } },
      steps: [],
      entries: () => [],
    }));
    await ask('guard');
    await becomes(['bob asked']);
  });

  it('sends one person so many an hour, the rest as their turn comes, what is urgent at once', async () => {
    await open({ ...toBob, attention: { per_person_per_hour: 2, together_from: 1000, remind: { most: 0 } } });
    const ids: string[] = [];
    for (let at = 0; at < 4; at += 1) ids.push(await ask('write', at));
    await becomes(['bob asked', 'bob asked']);
    await ask('drop', 9);
    await becomes(['bob asked', 'bob asked', 'bob asked']);
    await rig.requests.cancel(ids[2] ?? '', 'alice');
    rig.time.now += HOUR + 1;
    await becomes(['bob asked', 'bob asked', 'bob asked', 'bob asked']);
    assert.equal(paper.posted[3]?.card.request_id, ids[3], 'what was over by its turn is never sent');
  });

  it('is reminded of many alike by those that stand there, not by each', async () => {
    await open({ attention: { together_from: 3, remind: { after: '15m', every: '30m', most: 1 } } });
    for (let at = 0; at < 6; at += 1) await ask('write', at);
    await becomes(['desk asked', 'desk asked']);
    await settled();
    rig.time.now += 16 * MINUTE;
    await becomes(['desk asked', 'desk asked', 'desk reminded', 'desk reminded']);
    await settled();
    await becomes(['desk asked', 'desk asked', 'desk reminded', 'desk reminded']);
    assert.match(
      paper.posted.map(({ card }) => card.progress.join(' ')).join('|'),
      /4 more like it wait in the inbox/,
    );
  });

  it('of many nearly the same the oldest stands for the others, says how many, and gives way', async () => {
    await open({ attention: { together_from: 3, remind: { most: 0 } } });
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.push(await ask('write', at));
    const other = await ask('drop', 7);
    const says = (id: string) =>
      [...paper.cards.values()].find(({ request_id }) => request_id === id)?.progress.join(' ') ?? 'nothing';
    const saying = (id: string, what: RegExp) =>
      eventually(
        () => `${id} says ${says(id)}, not ${what}`,
        async () => (what.test(says(id)) ? true : undefined),
      );
    await saying(ids[0] ?? '', /^3 more like it wait in the inbox\.$/);
    await saying(other, /^$/);
    assert.equal(told().length, 3);
    // No time passes: what happens is heard of.
    await rig.requests.cancel(ids[4] ?? '', 'alice');
    await saying(ids[0] ?? '', /^2 more/);
    await rig.answer(ids[0] ?? '', 'bob', { decision: 'denied' });
    await saying(ids[2] ?? '', /^$/);
    await saying(ids[1] ?? '', /^1 more like it waits in the inbox\.$/);
    assert.equal(told().length, 4);
  });

  it('many that end at once give way to as many that wait, and no more', async () => {
    await open({ attention: { together_from: 3, remind: { most: 0 } } });
    const ids: string[] = [];
    for (let at = 0; at < 7; at += 1) ids.push(await ask('write', at));
    await becomes(['desk asked', 'desk asked']);
    await settled();
    await Promise.all(ids.slice(0, 2).map((id) => rig.requests.cancel(id, 'alice')));
    await becomes(['desk asked', 'desk asked', 'desk asked', 'desk asked']);
    await settled();
    assert.deepEqual(
      paper.posted.map(({ card }) => card.request_id),
      ids.slice(0, 4),
    );
    assert.match(
      paper.cards.get(paper.posted[2]?.card.id ?? '')?.progress.join(' ') ?? '',
      /^3 more like it/,
    );
    const searched = await rig.store.read({
      sql: 'SELECT request_id FROM cards WHERE over = 0 ORDER BY id',
      params: [],
    });
    assert.deepEqual(
      searched.map((row) => row['request_id']),
      ids.slice(2),
      'what is over is not searched for what stands there, however much of it there is',
    );
  });

  it('what is passed on is folded as what is asked first, apart from it', async () => {
    const escalate = [{ after: '10m', to: ['paper:group:leads'] }];
    await open({ attention: { together_from: 3, remind: { most: 0 }, escalate } });
    const ids: string[] = [];
    for (let at = 0; at < 6; at += 1) ids.push(await ask('write', at));
    await becomes(['desk asked', 'desk asked']);
    rig.time.now += 11 * MINUTE;
    await becomes(['desk asked', 'desk asked', 'lea escalated', 'lea escalated']);
    await settled();
    const leads = () => paper.posted.filter(({ to }) => to === 'lea');
    const says = (nth: number) => paper.cards.get(leads()[nth]?.card.id ?? '')?.progress.join(' ');
    await eventually(
      () => `${says(0)}: how many more`,
      async () => (says(0) === '4 more like it wait in the inbox.' ? true : undefined),
    );
    await rig.answer(ids[0] ?? '', 'bob', { decision: 'denied' });
    await eventually(
      () => 'the next of them, passed on',
      async () => (leads()[2]?.card.request_id === ids[2] ? true : undefined),
    );
    await eventually(
      () => `${says(1)}: how many more`,
      async () => (says(1) === '3 more like it wait in the inbox.' ? true : undefined),
    );
  });

  it('one that was given up on stands for no other', async () => {
    await open({ attention: { together_from: 2, remind: { most: 0 } } });
    let refuse = true;
    paper.before = () => {
      if (refuse) throw new ChannelTrouble('too large', 'never');
    };
    const first = await ask('write', 0);
    await eventually(
      () => 'given up on',
      async () => ((await cards.dead({ limit: 5 })).length === 1 ? true : undefined),
    );
    refuse = false;
    const second = await ask('write', 1);
    assert.equal((await paper.shows(second)).request_id, second, `${first} is seen by nobody`);
  });

  for (const [what, attention] of [
    ['stands for itself', { together_from: 3 }],
    ['uses up its own turn', { per_person_per_hour: 2, together_from: 1000 }],
  ] as const)
    it(`one the service took at the second try neither is kept back nor ${what}`, async () => {
      await open({ ...toBob, attention: { ...attention, remind: { most: 0 } } });
      await ask('write', 0);
      await becomes(['bob asked']);
      let refusals = 0;
      paper.before = () => {
        if (refusals > 0) return;
        refusals += 1;
        throw new ChannelTrouble('no more of these for now', 'later', 1);
      };
      await ask('write', 1);
      await eventually(
        () => 'refused once',
        async () => (refusals === 1 ? true : undefined),
      );
      rig.time.now += MINUTE;
      await becomes(['bob asked', 'bob asked']);
    });
});
