/** When a request's clear text is erased, its cards keep nothing of it: not here, and not where they stand. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openPaper, type Paper } from '../../testing/paper.ts';
import { createRig, held, policyOf, type Rig } from '../../testing/rig.ts';
import { eventually } from '../../testing/until.ts';
import { type Card, ChannelTrouble } from '../channels/channel.ts';
import { channelsSchema } from '../channels/config.ts';
import { type Cards, createCards } from './cards.ts';

let rig: Rig;
let paper: Paper;
let cards: Cards;
beforeEach(async () => {
  rig = await createRig(policyOf({ write: { then: 'require' } }));
  paper = openPaper();
  cards = createCards({
    deps: rig.deps,
    requests: rig.requests,
    config: channelsSchema.parse({}),
    linking: {
      begin: async () => '',
      look: async () => undefined,
      confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: '' }),
      adopt: async () => undefined,
    },
  });
  await cards.start([paper.channel]);
});
afterEach(async () => {
  await cards.close();
  await rig.close();
});

/** Asked with words, denied with words, shown as such. */
async function denied(): Promise<string> {
  const { id } = held(await rig.call('write', { text: 'words-of-ada' }));
  await paper.shows(id);
  await rig.answer(id, 'bob', { decision: 'denied', reason: 'reason-of-bob' });
  await eventually(
    () => 'shown as denied',
    async () => (JSON.stringify(shown()).includes('reason-of-bob') ? true : undefined),
  );
  return id;
}
const shown = () => [...paper.cards.values()];
const erase = async (id: string): Promise<void> => {
  assert.equal((await rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
};
const withoutWords = (): Promise<true> =>
  eventually(
    () => `without the words: ${JSON.stringify(shown())}`,
    async () => (/words-of-ada|reason-of-bob/.test(JSON.stringify(shown())) ? undefined : true),
  );

describe('erasing a request', () => {
  it('redraws the cards that stand, and says that it was erased', async () => {
    const id = await denied();
    assert.match(JSON.stringify(shown()), /words-of-ada/);
    await erase(id);
    await withoutWords();
    const [card] = shown();
    assert.deepEqual([card?.status, card?.erased, card?.shown.join('')], ['denied', true, '(erased)']);
    assert.match(card?.sentence ?? '', /erased/);
  });

  it('keeps no digest by which the words could be guessed', async () => {
    const id = await denied();
    const before = await rig.store.read({ sql: 'SELECT shown_digest FROM cards', params: [] });
    const versions = await rig.store.read({ sql: 'SELECT rendered_digest FROM card_versions', params: [] });
    const digests = [...before, ...versions].flatMap((row) => Object.values(row).map(String));
    assert.ok(digests.length >= 2 && digests.every((each) => each.length > 30));
    await erase(id);
    await withoutWords();
    const left = await rig.store.read({ sql: 'SELECT * FROM cards', params: [] });
    const left_versions = await rig.store.read({ sql: 'SELECT * FROM card_versions', params: [] });
    const all = JSON.stringify([left, left_versions]);
    for (const digest of digests) assert.ok(!all.includes(digest), digest);
  });

  it('tries again what was given up on where it stands, and drops what a service said of the rest', async () => {
    let gone = false;
    paper.before = () => {
      if (gone) throw new ChannelTrouble('was removed; said words-of-ada', 'never');
    };
    const { id } = held(await rig.call('write', { text: 'words-of-ada' }));
    await paper.shows(id);
    gone = true;
    await rig.answer(id, 'bob', { decision: 'denied' });
    const given_up = await eventually(
      () => 'given up on',
      async () => (await cards.dead({ limit: 5 }))[0],
    );
    assert.match(given_up.trouble, /words-of-ada/);
    gone = false;
    await erase(id);
    await withoutWords();
    assert.deepEqual(await cards.dead({ limit: 5 }), []);
    const rows = await rig.store.read({ sql: 'SELECT * FROM cards', params: [] });
    assert.ok(!JSON.stringify(rows).includes('words-of-ada'));
  });

  it('one given up on that may stand there all the same is looked for, and shown without the words', async () => {
    let refusing: ChannelTrouble | undefined = new ChannelTrouble('no answer in time', 'unsure');
    paper.before = (card) => {
      if (refusing === undefined) return;
      // It arrived, and nobody here was told.
      if (refusing.when === 'unsure') (paper.cards as Map<string, Card>).set(card.id, card);
      const said = refusing;
      refusing = new ChannelTrouble('was refused', 'never');
      throw said;
    };
    const { id } = held(await rig.call('write', { text: 'words-of-ada' }));
    await paper.shows(id);
    rig.time.now += 10_000;
    await eventually(
      () => 'given up on',
      async () => (await cards.dead({ limit: 5 }))[0],
    );
    await rig.answer(id, 'bob', { decision: 'denied' });
    refusing = undefined;
    await erase(id);
    await withoutWords();
    assert.equal(shown()[0]?.erased, true);
  });

  it('what was drawn before it, and is settled after it, leaves no digest either', async () => {
    const { id } = held(await rig.call('write', { text: 'words-of-ada' }));
    await paper.shows(id);
    let release: () => void = () => undefined;
    let stuck = false;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    paper.before = async () => {
      if (stuck) return;
      stuck = true;
      await gate;
    };
    await rig.answer(id, 'bob', { decision: 'denied', reason: 'reason-of-bob' });
    await eventually(
      () => 'it is being changed',
      async () => (stuck ? true : undefined),
    );
    await erase(id);
    release();
    await withoutWords();
    await eventually(
      () => 'settled',
      async () => ((await cards.list()).every(({ waiting }) => waiting === 0) ? true : undefined),
    );
    const rows = await rig.store.read({
      sql: "SELECT 1 FROM card_versions WHERE rendered_digest <> '' UNION ALL SELECT 1 FROM cards WHERE shown_digest IS NOT NULL",
      params: [],
    });
    assert.deepEqual(rows, []);
  });
});
