/** Posting and changing cards: what Teams says when it does not work, and what delivery is told to do about it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ChannelTrouble } from '../../gateway/src/channels/channel.ts';
import { open } from '../../gateway/src/channels/teams/channel.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { until } from '../../gateway/testing/until.ts';
import { cardIn, wordsOf } from './cloud/model.ts';
import { configFor } from './driver.ts';
import { accountOf, CARD, openRig, type Rig } from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(async () => {
  assert.deepEqual(rig.cloud.connector.refused, [], 'nothing was sent that Teams refuses');
  await rig.close();
});

const troubleOf = async (work: Promise<unknown>): Promise<ChannelTrouble> => {
  const error = await work.then(
    () => assert.fail('it worked'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ChannelTrouble, String(error));
  return error;
};

test('a card goes to a channel as a thread of its own, and is changed in place', async () => {
  const { channel, cloud, place } = rig;
  const posted = await channel.post(CARD, place.id);
  assert.ok(posted.length <= 1024);
  await channel.update({ ...CARD, version: 4, status: 'denied', offers: { kind: 'none' } }, posted);
  assert.equal(cloud.connector.posts, 1);
  assert.equal(place.messages.length, 1);
  const card = cardIn(rig.message().activity);
  assert.match(wordsOf(card ?? {}), /^Denied\n/);
  assert.equal(card?.['refresh'], undefined, 'everybody sees one and the same card when it is over');
});

test('a card goes to a group chat, and to one person by their object id', async () => {
  const { channel, cloud, bob, clients } = rig;
  const chat = cloud.conversation('groupChat', [bob]);
  await channel.update(CARD, await channel.post(CARD, chat.id));
  await channel.update(CARD, await channel.post(CARD, `user:${bob.object_id}`));
  const [personal] = cloud.connector.personal(bob).messages;
  assert.ok(personal);
  assert.match(wordsOf((await clients.view(bob, personal)) ?? {}), /Approve/);
});

test('only linked people who may answer are named for a view of their own, at most sixty', async () => {
  const { channel, cloud, door, bob } = rig;
  const many = Array.from({ length: 450 }, (_, at) => cloud.user(`user${at}`));
  const place = cloud.conversation('channel', [...many, rig.stranger, rig.guest, bob]);
  await channel.post(CARD, place.id);
  const named = (): unknown => {
    const card = cardIn(place.messages.at(-1)?.activity ?? {}) ?? {};
    return ((card['refresh'] ?? {}) as { readonly userIds?: unknown }).userIds;
  };
  assert.deepEqual(named(), [bob.mri], 'found on the third page of the roster');
  for (const [at, user] of many.entries())
    door.people.set(accountOf(cloud, user), { id: `p${at}`, name: 'P' });
  await channel.post(CARD, place.id);
  assert.equal((named() as unknown[]).length, 60);
});

test('a channel without a roster of its own: everybody’s client asks, until Teams has said which team it is of', async () => {
  const { channel, cloud, clients, door, bob, stranger } = rig;
  const place = cloud.channelOf([bob, stranger], { shares_roster: true });
  const named = (at: number): unknown => {
    const card = cardIn(place.messages[at]?.activity ?? {}) ?? {};
    return (card['refresh'] as { readonly userIds?: unknown }).userIds;
  };
  await channel.post(CARD, place.id);
  assert.equal(named(0), undefined);
  const [message] = place.messages;
  assert.ok(message);
  assert.match(
    wordsOf((await clients.view(bob, message)) ?? {}),
    /\nApprove\n/,
    'told from the team’s roster',
  );
  assert.doesNotMatch(wordsOf((await clients.view(stranger, message)) ?? {}), /\nApprove\n/);
  door.clock = () => Date.now() + 61_000;
  await channel.post(CARD, place.id);
  assert.deepEqual(named(1), [bob.mri]);
});

test('A15: a channel with a roster of its own is asked first; who is a guest there is one', async () => {
  const { channel, cloud, clients, door, guest, bob } = rig;
  const place = cloud.channelOf([bob, guest], { shares_roster: false });
  door.people.set(accountOf(cloud, guest), { id: 'guest', name: 'G' });
  await channel.post(CARD, place.id);
  const [message] = place.messages;
  assert.ok(message);
  assert.match((await clients.refresh(guest, message)).says ?? '', /Guests and people/);
  assert.match((await clients.refresh(bob, message)).says ?? '', /Approve/);
});

test('somebody the bot has not met: later, and it says how; once they write to it, it works', async () => {
  const { channel, cloud, clients } = rig;
  const dora = cloud.user('dora');
  const trouble = await troubleOf(channel.post(CARD, `user:${dora.object_id}`));
  assert.equal(trouble.when, 'later');
  assert.match(trouble.message, /write to it once/);
  const chat = cloud.connector.personal(dora);
  await clients.say(dora, { in: chat, text: 'link' });
  await until('a reply', () => chat.messages.length > 0);
  await channel.post(CARD, `user:${dora.object_id}`);
  assert.equal(chat.messages.length, 2);
});

test('health: what is wrong is known before the first card, and that it is right again without one', async () => {
  const { cloud, channel, door } = rig;
  await until('ready', () => channel.health().ok);
  let now = Date.now();
  door.clock = () => now;
  const wrong = cloud.bot.secret;
  cloud.bot.secret = 'changed at Entra';
  const config = configFor(cloud, rig.place.id);
  const second = await open(config, { door, secret: () => wrong, way: DIRECT });
  try {
    await until('it says so', () => !second.health().ok);
    assert.match(second.health().says, /invalid_client/);
    cloud.bot.secret = wrong;
    now += 61_000;
    await until('it is well', () => second.health().ok);
  } finally {
    await second.close();
  }
});

test('429: tried later, when Teams says so', async () => {
  const { channel, place } = rig;
  const troubles: ChannelTrouble[] = [];
  for (let at = 0; at < 9; at++)
    await channel.post(CARD, place.id).catch((error: ChannelTrouble) => troubles.push(error));
  assert.ok(troubles.length >= 1);
  const [first] = troubles;
  assert.equal(first?.when, 'later');
  assert.ok((first?.retry_after_ms ?? 0) >= 1000);
  assert.equal(channel.health().ok, false);
});

test('the bot was removed: never, and it says what to do', async () => {
  const { channel, place, clients, bob, door } = rig;
  const posted = await channel.post(CARD, place.id);
  await clients.added(bob, place, 'membersRemoved');
  for (const work of [channel.post(CARD, place.id), channel.update(CARD, posted)]) {
    const trouble = await troubleOf(work);
    assert.equal(trouble.when, 'never');
    assert.match(trouble.message, /BotNotInConversationRoster.*add it again/);
  }
  assert.match(door.logged.join('\n'), /removed from a place/);
});

test('a place that is not there, and a message somebody deleted: never', async () => {
  const { channel, place } = rig;
  assert.equal((await troubleOf(channel.post(CARD, '19:gone@thread.tacv2'))).when, 'never');
  const posted = await channel.post(CARD, place.id);
  place.messages.length = 0;
  assert.equal((await troubleOf(channel.update(CARD, posted))).when, 'never');
});

test('unreachable: later, and nothing was posted', async () => {
  rig.cloud.goDown('refusing');
  assert.equal((await troubleOf(rig.channel.post(CARD, rig.place.id))).when, 'later');
  rig.cloud.comeUp();
  await rig.channel.post(CARD, rig.place.id);
  await until('it is well again', () => rig.channel.health().ok);
});

test('the answer to a post is lost: unsure; posted again, both copies are cards of the same request', async () => {
  const { channel, cloud, place, clients, bob, door } = rig;
  cloud.loseNextAnswer();
  assert.equal((await troubleOf(channel.post(CARD, place.id))).when, 'unsure');
  await channel.post(CARD, place.id);
  assert.equal(place.messages.length, 2);
  for (const message of place.messages) {
    const card = await clients.view(bob, message);
    assert.match(wordsOf(card ?? {}), /Approve/);
  }
  // The copy nobody knows of shows what is so to whoever may answer: it is asked for anew, not remembered.
  door.card = { ...CARD, version: 5, status: 'approved', offers: { kind: 'none' } };
  const [first] = place.messages;
  assert.ok(first);
  assert.match((await clients.refresh(bob, first)).says ?? '', /^Approved by people/);
});

test('the bot’s token ends and is asked for anew; one the service does not take is asked for once', async () => {
  const { channel, cloud, place, door } = rig;
  await channel.post(CARD, place.id);
  const given = cloud.tokens_given;
  await channel.post(CARD, place.id);
  assert.equal(cloud.tokens_given, given, 'held while it lasts');
  door.clock = () => Date.now() + 3_590_000;
  await channel.post(CARD, place.id);
  assert.equal(cloud.tokens_given, given + 1);
});

test('a wrong secret: never, without the secret in anything that is said', async () => {
  const { cloud, channel, place, door } = rig;
  await channel.post(CARD, place.id);
  const { secret } = cloud.bot;
  cloud.bot.secret = 'changed at Entra';
  door.clock = () => Date.now() + 3_590_000;
  const trouble = await troubleOf(channel.post(CARD, place.id));
  assert.equal(trouble.when, 'never');
  assert.match(trouble.message, /invalid_client.*client_secret/);
  assert.ok(![trouble.message, ...door.logged, JSON.stringify(channel.health())].join('\n').includes(secret));
});

test('A26: a card posted through another cloud is not changed through it', async () => {
  const before = rig.cloud.log.length;
  const elsewhere = JSON.stringify({ s: 'https://evil.example/teams', c: rig.place.id, a: '1' });
  const trouble = await troubleOf(rig.channel.update(CARD, elsewhere));
  assert.equal(trouble.when, 'never');
  assert.equal(rig.cloud.log.length, before);
});

test('an answer while a card is posted does not wait for it (A20)', async () => {
  const { cloud, clients, channel, place, bob, stranger } = rig;
  await channel.post(CARD, place.id);
  const message = rig.message();
  await clients.view(bob, message);
  cloud.goDown('silent');
  const hanging = channel.post(CARD, place.id).catch(() => undefined);
  const { ms } = await clients.refresh(bob, message);
  assert.ok(ms < 2_000, `${ms} ms`);
  cloud.comeUp();
  await hanging;
  assert.ok(stranger);
});

test('close ends what is under way', async () => {
  rig.cloud.goDown('silent');
  const hanging = troubleOf(rig.channel.post(CARD, rig.place.id));
  await rig.channel.close();
  assert.ok(['later', 'unsure'].includes((await hanging).when));
});
