/** What people press, and what becomes of it: against the counterpart, whose invokes are carried as Bot Framework does. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { APPROVE, DENY } from '../../gateway/src/channels/teams/verbs.ts';
import { eventually } from '../../gateway/testing/until.ts';
import { buttonsOf, type Json, type User, wordsOf } from './cloud/model.ts';
import { accountOf, CARD, openRig, type Rig } from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(async () => {
  assert.deepEqual(rig.clients.complaints, [], 'every invoke was answered by the protocol');
  await rig.close();
});

const posted = async () => {
  await rig.channel.post(rig.door.card ?? CARD, rig.place.id);
  return rig.message();
};
const titles = (card: Json | undefined): readonly string[] =>
  card === undefined ? [] : buttonsOf(card).map(({ title }) => title);
const button = (card: Json | undefined, verb: string): Json => {
  const found =
    card === undefined ? undefined : buttonsOf(card).find(({ action }) => action['verb'] === verb);
  assert.ok(found, `a button for ${verb}`);
  return found.action;
};
const own = (verb: string): Json => ({ verb, data: { c: CARD.id, v: CARD.version } });

test('only who may answer sees buttons; everybody else reads the same card without them', async () => {
  const message = await posted();
  const { bob, stranger, guest, clients } = rig;
  assert.deepEqual(titles(await clients.view(bob, message)), ['Approve', 'Deny', 'Open in Countersign']);
  for (const other of [stranger, guest]) {
    const seen = await clients.view(other, message);
    assert.deepEqual(titles(seen), ['Open in Countersign']);
    assert.match(wordsOf(seen ?? {}), /DELETE FROM orders/);
  }
});

test('an approval is carried with what was shown, and told to who pressed', async () => {
  const message = await posted();
  const { bob, clients, door, cloud } = rig;
  const card = await clients.view(bob, message);
  const { says } = await clients.press(bob, message, { action: button(card, APPROVE) });
  assert.deepEqual(door.reviews, [
    { card_id: CARD.id, version: CARD.version, account: accountOf(cloud, bob), decision: 'approved' },
  ]);
  assert.match(says ?? '', /Recorded: you approved\./);
});

test('a denial carries its reason', async () => {
  const message = await posted();
  const { bob, clients, door } = rig;
  const action = button(await clients.view(bob, message), DENY);
  await clients.press(bob, message, { action, inputs: { reason: '  not on a Friday ' } });
  assert.deepEqual(
    door.reviews.map(({ decision, reason }) => [decision, reason]),
    [['denied', 'not on a Friday']],
  );
});

test('high risk takes a second press', async () => {
  rig.door.card = { ...CARD, risk: 'high' };
  const message = await posted();
  const card = await rig.clients.view(rig.bob, message);
  assert.deepEqual(
    ((card?.['actions'] ?? []) as readonly Json[]).map(({ type, title }) => [type, title]),
    [
      ['Action.ShowCard', 'Approve…'],
      ['Action.ShowCard', 'Deny…'],
      ['Action.OpenUrl', 'Open in Countersign'],
    ],
  );
  assert.match(wordsOf(card ?? {}), /will run, exactly once, as it is shown/);
});

test('A17: delivered twice, it is done once and answered alike', async () => {
  const message = await posted();
  const { bob, clients, door } = rig;
  const first = await clients.press(bob, message, { action: own(APPROVE) });
  const [again, oncemore] = await Promise.all([clients.redeliver(), clients.redeliver()]);
  assert.equal(door.reviews.length, 1);
  assert.equal(again.says, first.says);
  assert.equal(oncemore.says, first.says);
});

const REFUSED: readonly (readonly [string, () => User, RegExp])[] = [
  ['A15: a guest of the team', () => rig.guest, /Guests and people of other organisations may not answer/],
  [
    'A15: somebody of another tenant in a shared channel',
    () => {
      const foreign = rig.cloud.user('foreign', { tenant: randomUUID() });
      rig.place.members.add(foreign);
      return foreign;
    },
    /Guests and people of other organisations/,
  ],
  [
    'A15: somebody who is not in the conversation at all',
    () => rig.cloud.user('elsewhere'),
    /Guests and people of other organisations/,
  ],
];
for (const [name, who, says] of REFUSED)
  test(`${name} is refused, whatever their account is linked to`, async () => {
    const message = await posted();
    const user = who();
    rig.door.people.set(accountOf(rig.cloud, user), { id: 'bob', name: 'Bob' });
    const told = await rig.clients.press(user, message, { action: own(APPROVE) });
    assert.match(told.says ?? '', says);
    assert.deepEqual(rig.door.reviews, []);
  });

test('A15: an object id that is not the roster’s for that user is refused', async () => {
  const message = await posted();
  const { bob, stranger, clients, door } = rig;
  const told = await clients.press(stranger, message, {
    action: own(APPROVE),
    forged: { activity: { from: { id: stranger.mri, name: 'bob', aadObjectId: bob.object_id } } },
  });
  assert.match(told.says ?? '', /Guests and people/);
  assert.deepEqual(door.reviews, []);
});

test('one whose account two people have answers for neither (A13)', async () => {
  const message = await posted();
  const { bob, clients, door, cloud } = rig;
  door.people.set(`oidc:${cloud.endpoints.login}/${cloud.bot.tenant}/v2.0#${bob.object_id}`, {
    id: 'robert',
    name: 'Robert',
  });
  const told = await clients.press(bob, message, { action: own(APPROVE) });
  assert.match(told.says ?? '', /Two people here have your account/);
  assert.deepEqual(door.reviews, []);
});

test('who signs in with Entra ID is known in Teams by the same object id, without a link', async () => {
  const message = await posted();
  const { stranger, clients, door, cloud } = rig;
  const account = `oidc:${cloud.endpoints.login}/${cloud.bot.tenant}/v2.0#${stranger.object_id}`;
  door.people.set(account, { id: 'sam', name: 'Sam' });
  await clients.press(stranger, message, { action: own(APPROVE) });
  assert.equal(door.reviews[0]?.account, account);
});

test('who is not known is told how to be, and the door is still who refuses', async () => {
  const message = await posted();
  const { stranger, clients, door, cloud } = rig;
  const seen = await clients.refresh(stranger, message);
  assert.match(seen.says ?? '', /Write “link” to it/);
  assert.deepEqual(titles(seen.card), ['Open in Countersign']);
  door.told = { kind: 'not_linked', says: 'Link your account first.' };
  const told = await clients.press(stranger, message, { action: own(APPROVE) });
  assert.equal(door.reviews[0]?.account, accountOf(cloud, stranger));
  assert.match(told.says ?? '', /Link your account first/);
});

test('A16: what a client asks by itself never answers', async () => {
  const message = await posted();
  const told = await rig.clients.press(rig.bob, message, { action: own(APPROVE), trigger: 'automatic' });
  assert.match(told.says ?? '', /nobody pressed/);
  assert.deepEqual(rig.door.reviews, []);
});

const UNREADABLE: readonly (readonly [string, Json])[] = [
  ['another verb', { verb: 'approve', data: { c: CARD.id, v: 3 } }],
  ['no card', { verb: APPROVE, data: { v: 3 } }],
  ['a version that is text', { verb: APPROVE, data: { c: CARD.id, v: '3' } }],
  ['a version that is true', { verb: APPROVE, data: { c: CARD.id, v: true } }],
  ['a reason that is an object', { verb: DENY, data: { c: CARD.id, v: 3, reason: { a: 1 } } }],
  ['no data', { verb: APPROVE }],
  ['a long id', { verb: APPROVE, data: { c: 'x'.repeat(65), v: 3 } }],
];
for (const [name, action] of UNREADABLE)
  test(`a button with ${name} does nothing and says so`, async () => {
    const message = await posted();
    const told = await rig.clients.press(rig.bob, message, { action });
    assert.match(told.says ?? '', /not one of Countersign’s/);
    assert.deepEqual(rig.door.reviews, []);
  });

test('A6: a body with a key twice is refused whole', async () => {
  const message = await posted();
  const { bob, clients, door, cloud } = rig;
  const activity = clients.activity(
    bob,
    { conversation: rig.place, id: message.conversation_id },
    {
      type: 'invoke',
      name: 'adaptiveCard/action',
      id: 'f:1',
      value: { action: { type: 'Action.Execute', ...own(DENY) }, trigger: 'manual' },
    },
  );
  const { sign } = await import('./cloud/tokens.ts');
  const [key] = cloud.keys;
  assert.ok(key);
  const token = await sign(key, { app_id: cloud.bot.app_id, service: `${cloud.service}/` });
  const body = JSON.stringify(activity).replace(`"verb":"${DENY}"`, `"verb":"${DENY}","verb":"${APPROVE}"`);
  const response = await fetch(`${clients.endpoint}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  assert.equal(response.status, 400);
  assert.deepEqual(door.reviews, []);
});

test('A4: what does not fit a card is not approved by one, button or no button', async () => {
  rig.door.card = { ...CARD, shown: Array.from({ length: 81 }, (_, at) => `line ${at}`) };
  const message = await posted();
  const card = await rig.clients.view(rig.bob, message);
  assert.deepEqual(titles(card), ['Open in Countersign']);
  assert.match(wordsOf(card ?? {}), /too long to show here/);
  const told = await rig.clients.press(rig.bob, message, { action: own(APPROVE) });
  assert.match(told.says ?? '', /cannot be approved here/);
  assert.deepEqual(rig.door.reviews, []);
});

test('where Teams does not say who somebody is, nothing is recorded (I14)', async () => {
  const message = await posted();
  await rig.clients.refresh(rig.stranger, message); // the keys are known
  rig.cloud.goDown('refusing');
  const told = await rig.clients.press(rig.bob, message, { action: own(APPROVE) });
  assert.match(told.says ?? '', /does not say just now who you are/);
  assert.deepEqual(rig.door.reviews, []);
});

test('a store that is gone is said to be, without saying that anything was recorded', async () => {
  const message = await posted();
  rig.door.broken = true;
  const told = await rig.clients.press(rig.bob, message, { action: own(DENY) });
  assert.match(told.says ?? '', /not known whether that was recorded/);
});

const PROSE = [
  'yes, go ahead',
  'approve',
  'Approved ✅',
  'countersign/approve',
  `approve ${CARD.id}`,
  'LGTM',
  '/approve',
];
for (const text of PROSE)
  test(`A18: “${text}” answers nothing`, async () => {
    const { bob, clients, cloud, door } = rig;
    await posted();
    const chat = cloud.connector.personal(bob);
    assert.equal((await clients.say(bob, { in: chat, text })).status, 202);
    await reply(bob);
    assert.deepEqual(door.reviews, []);
  });

test('A18: a message that carries a button’s data answers nothing', async () => {
  const { bob, clients, cloud, door } = rig;
  const chat = cloud.connector.personal(bob);
  await clients.say(bob, {
    in: chat,
    text: '',
    more: { value: { verb: APPROVE, c: CARD.id, v: CARD.version } },
  });
  assert.match(
    await reply(bob),
    /I take answers from the buttons of a card and from nothing that is written/,
  );
  assert.deepEqual(door.reviews, []);
});

test('`link` gives a one-time page to the person alone, and never in a channel', async () => {
  const { stranger, clients, cloud, door, place } = rig;
  await clients.say(stranger, {
    in: place,
    text: '<at>Countersign</at> link',
    more: {
      entities: [
        { type: 'mention', text: '<at>Countersign</at>', mentioned: { id: `28:${cloud.bot.app_id}` } },
      ],
    },
  });
  assert.match(await reply(stranger, place), /in a chat of your own/);
  assert.deepEqual(door.linked, []);
  await clients.say(stranger, { in: cloud.connector.personal(stranger), text: 'link' });
  assert.match(await reply(stranger), /Give it to nobody/);
  assert.deepEqual(door.linked, [[accountOf(cloud, stranger), 'stranger']]);
});

test('`link` of a guest gives nothing', async () => {
  const { guest, clients, cloud, door } = rig;
  await clients.say(guest, { in: cloud.connector.personal(guest), text: 'link' });
  assert.match(await reply(guest), /Guests/);
  assert.deepEqual(door.linked, []);
});

test('`waiting` lists what waits, its words as they are', async () => {
  const { bob, clients, cloud, door } = rig;
  door.waitingFor = async () => [
    {
      ...CARD,
      sentence: 'Delete [all](https://evil.example)',
      eligibility: { eligible: true, groups: [] } as never,
    },
  ];
  await clients.say(bob, { in: cloud.connector.personal(bob), text: 'Waiting' });
  assert.match(await reply(bob), /One request waits for you:\nDelete \[all\]\(https:\/\/evil\.example\)/);
});

test('added to a place, it says what to write into the configuration', async () => {
  const { bob, clients, place } = rig;
  await clients.added(bob, place);
  assert.ok((await reply(bob, place)).includes(place.id));
});

/** The bot’s newest words in a chat. */
async function reply(user: User, where = rig.cloud.connector.personal(user)): Promise<string> {
  return eventually(
    () => `a reply; ${rig.door.logged.join('\n')}`,
    () => {
      const { activity = {} } = where.messages.at(-1) ?? {};
      const [content] = (activity['attachments'] ?? []) as readonly { content: Json }[];
      return content !== undefined && 'recipient' in activity ? wordsOf(content.content) : undefined;
    },
  );
}
