/** The one door of a channel: who, what they saw, and nothing by guessing. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openPaper, type Paper } from '../../testing/paper.ts';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import type { Card, ChannelDoor } from '../channels/channel.ts';
import { channelsSchema } from '../channels/config.ts';
import { configSchema } from '../config/config.ts';
import { type Cards, createCards } from './cards.ts';
import { cardId } from './following/new-cards.ts';
import type { Linking } from './linking.ts';

const PEOPLE = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'], accounts: ['paper:Alice'] },
    bob: { name: 'Bob', roles: ['reviewer'], accounts: ['paper:Bob', 'bob@example.com'] },
    gone: { name: 'Gone', roles: ['reviewer'], accounts: ['paper:gone'], active: false },
  },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')], pending_max: 10 } },
});
const POLICY = policyOf({
  write: { then: 'require', requirement: SEAT },
  move: { then: 'require', risk: 'medium', requirement: SEAT },
  drop: { then: 'require', risk: 'critical', requirement: SEAT },
});
const NO_LINKING: Linking = {
  begin: async () => 'http://localhost:7070/channels/link#x',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: 'none' }),
  adopt: async () => undefined,
};

describe('the door of a channel', () => {
  let rig: Rig;
  let cards: Cards;
  let paper: Paper;
  let door: ChannelDoor;
  beforeEach(async () => {
    rig = await createRig(POLICY, { config: PEOPLE });
    const config = channelsSchema.parse({});
    cards = createCards({ deps: rig.deps, requests: rig.requests, config, linking: NO_LINKING });
    paper = openPaper();
    door = cards.doorOf('paper');
    await cards.start([paper.channel]);
  });
  afterEach(async () => {
    await cards.close();
    await rig.close();
  });
  const asked = async (tool = 'write'): Promise<Card> =>
    paper.shows(held(await rig.call(tool, { path: '/a' })).id);
  const yes = (card: Pick<Card, 'id' | 'version'>, account = 'paper:bob') =>
    door.review({ card_id: card.id, version: card.version, account, decision: 'approved' });
  const statusOf = async (card: Card) => (await rig.requests.show(card.request_id, 'alice'))?.status;

  it('knows people by an account of a service, however it is written, and by nothing else (A15)', () => {
    assert.deepEqual(door.personOf('paper:BOB'), { id: 'bob', name: 'Bob' });
    for (const account of [
      'bob',
      'Bob',
      'bob@example.com',
      'email:bob@example.com',
      'paper:gone',
      'paper:',
      ':bob',
      '',
    ])
      assert.equal(door.personOf(account), undefined, account);
  });

  it('takes an answer once, and hands back the card as it then is', async () => {
    const card = await asked();
    const told = await yes(card);
    assert.deepEqual([told.kind, told.status], ['recorded', 'approved']);
    assert.deepEqual([told.card?.status, told.card?.offers.kind], ['approved', 'none']);
    assert.match(told.card?.progress.join(' ') ?? '', /Bob approved it\. Approved\./);
    const again = await yes(card);
    assert.deepEqual([again.kind, again.status], ['refused', 'approved']);
  });

  it('takes no answer to a card nobody was shown, of another channel, or to a version there never was', async () => {
    const card = await asked();
    const other = cards.doorOf('slack');
    const answer = {
      card_id: card.id,
      version: card.version,
      account: 'paper:bob',
      decision: 'approved',
    } as const;
    assert.equal((await other.review(answer)).kind, 'unknown_card');
    assert.equal(await other.cardFor(card.id, 'paper:bob'), undefined);
    for (const version of [0, -1, card.version + 7, Number.MAX_SAFE_INTEGER])
      assert.equal((await yes({ id: card.id, version })).kind, 'unknown_card', String(version));
    for (const id of ['', 'crd_', cardId(rig.deps.now()), card.request_id])
      assert.equal((await yes({ id, version: 1 })).kind, 'unknown_card', id);
    assert.equal(await statusOf(card), 'pending');
  });

  it('A4: takes no yes a version did not offer, and a no', async () => {
    const card = await asked('drop');
    assert.equal(card.offers.kind, 'deny_or_link');
    const told = await yes(card);
    assert.equal(told.kind, 'refused');
    assert.match(told.says, /answer on its page: http/);
    assert.equal(await statusOf(card), 'pending');
    const no = await door.review({
      card_id: card.id,
      version: card.version,
      account: 'paper:bob',
      decision: 'denied',
    });
    assert.deepEqual([no.kind, no.status], ['recorded', 'denied']);
  });

  it('A4: what was shown before answers_up_to was lowered is approved on its page, and denied as ever', async () => {
    const card = await asked('move');
    assert.equal(card.offers.kind, 'answers');
    await cards.close();
    const lower = async (answers_up_to: string) => {
      await cards.close();
      const config = channelsSchema.parse({ answers_up_to });
      cards = createCards({ deps: rig.deps, requests: rig.requests, config, linking: NO_LINKING });
      door = cards.doorOf('paper');
      await cards.start([paper.channel]);
    };
    for (const up_to of ['low', 'none']) {
      await lower(up_to);
      const told = await yes(card);
      assert.equal(told.kind, 'refused', up_to);
      assert.match(told.says, /answer on its page: http/);
      assert.equal(await statusOf(card), 'pending');
    }
    await lower('low');
    const { id, version } = card;
    const no = await door.review({ card_id: id, version, account: 'paper:bob', decision: 'denied' });
    assert.deepEqual([no.kind, no.status], ['recorded', 'denied']);
  });

  it('shows each person their own buttons, or why they have none', async () => {
    const card = await asked();
    const kinds = await Promise.all(
      ['paper:bob', 'paper:alice', 'paper:nobody'].map(
        async (account) => (await door.cardFor(card.id, account))?.offers,
      ),
    );
    assert.deepEqual(
      kinds.map((offers) => offers?.kind),
      ['answers', 'link', 'link'],
    );
    assert.match(JSON.stringify(kinds[1]), /you own this agent/);
    assert.match(JSON.stringify(kinds[2]), /link it first/);
  });

  it('tells a person what waits for them, and nobody else anything', async () => {
    const card = await asked();
    const waiting = await door.waitingFor('paper:bob');
    assert.deepEqual(
      waiting.map(({ request_id, link }) => [request_id, link]),
      [[card.request_id, card.link]],
    );
    assert.deepEqual(await door.waitingFor('paper:alice'), []);
    assert.deepEqual(await door.waitingFor('paper:nobody'), []);
  });

  it('a store that is gone is no answer', async () => {
    const card = await asked();
    await cards.close();
    await rig.store.close();
    await assert.rejects(yes(card));
  });

  it('a card’s name cannot be found by trying', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => cardId(1)));
    assert.equal(ids.size, 1_000);
    for (const id of ids) assert.match(id, /^crd_[0-9a-hjkmnp-tv-z]{36}$/);
  });
});
