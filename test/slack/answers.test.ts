import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { until } from '../../gateway/testing/until.ts';
import { blockFaults } from './counterpart/block-kit.ts';
import { buttonsOf, click, command, event, type From, submit, wordsTo } from './counterpart/people.ts';
import type { Message, Obj, User } from './counterpart/workspace.ts';
import { CARD, openStage, PEOPLE, ROOM, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

async function posted(
  options: Parameters<typeof openStage>[0] = {},
): Promise<Stage & { message: Message; button(id: string): Obj }> {
  stage = await openStage(options);
  await stage.channel.post(CARD, ROOM);
  const [message] = stage.seen();
  assert.ok(message);
  const button = (id: string): Obj => {
    const found = buttonsOf(message.blocks).find(({ action_id }) => action_id === id);
    assert.ok(found, id);
    return found;
  };
  return { ...stage, message, button };
}

const heard = (at: Stage, user: User): Promise<void> => until('told', () => wordsTo(at.slack, user) !== '');

for (const transport of ['url', 'socket'] as const)
  describe(`over ${transport}`, () => {
    it('an approval goes to the door with card, version and the account Slack vouched for, and only that person is told', async () => {
      const at = await posted({ transport });
      const { acked, ms } = await click(at.slack, {
        user: PEOPLE.bob,
        message: at.message,
        button: at.button('approve'),
      });
      assert.ok(acked && ms < 1_000, `${acked} ${ms}`);
      await heard(at, PEOPLE.bob);
      assert.deepEqual(at.behind.answers, [
        { card_id: CARD.id, version: 1, account: 'slack:t0example/u0bob0001', decision: 'approved' },
      ]);
      assert.equal(wordsTo(at.slack, PEOPLE.bob), 'Your approval is recorded.');
      assert.equal(wordsTo(at.slack, PEOPLE.carol), '');
    });

    it('a denial asks for the reason, and sends it', async () => {
      const at = await posted({ transport });
      await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('deny') });
      await until('the dialog', () => at.slack.workspace.views.length === 1);
      const [opened] = at.slack.workspace.views;
      assert.ok(opened);
      assert.deepEqual(at.behind.answers, []);
      const { acked, body } = await submit(at.slack, {
        user: PEOPLE.bob,
        opened,
        values: { reason: ' not on a Friday ' },
      });
      assert.ok(acked);
      assert.ok(body === '' || body === undefined, 'an empty acknowledgement closes the dialog');
      await heard(at, PEOPLE.bob);
      assert.deepEqual(at.behind.answers, [
        {
          card_id: CARD.id,
          version: 1,
          account: 'slack:t0example/u0bob0001',
          decision: 'denied',
          reason: 'not on a Friday',
        },
      ]);
    });

    it('is acknowledged while the door still thinks', async () => {
      const at = await posted({ transport });
      let release = (): void => undefined;
      at.behind.told = () =>
        new Promise((resolve) => {
          release = () => resolve({ kind: 'recorded', says: 'Done.' });
        });
      const { acked } = await click(at.slack, {
        user: PEOPLE.bob,
        message: at.message,
        button: at.button('approve'),
      });
      assert.ok(acked);
      await until('the door is asked', () => at.behind.answers.length === 1);
      assert.equal(wordsTo(at.slack, PEOPLE.bob), '');
      release();
      await heard(at, PEOPLE.bob);
    });

    it('the same delivery twice is one answer', async () => {
      const at = await posted({ transport });
      await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('approve') });
      await heard(at, PEOPLE.bob);
      const again = await at.slack.delivery.again();
      assert.equal(again.status ?? (again.acked ? 200 : 0), transport === 'url' ? 401 : 200);
      await command(at.slack, { user: PEOPLE.bob, text: 'help', channel: ROOM });
      await until('what came later was taken', () =>
        wordsTo(at.slack, PEOPLE.bob).includes('/countersign link'),
      );
      assert.equal(at.behind.answers.length, 1);
    });
  });

const OTHERS: readonly (readonly [string, User, From, RegExp])[] = [
  ['a guest', PEOPLE.guest, {}, /Guests may not/],
  ['a guest of one channel', PEOPLE.single, {}, /Guests may not/],
  ['a member of another workspace in a shared channel', PEOPLE.foreign, {}, /own workspace/],
  [
    'somebody a foreign workspace calls by one of our ids',
    PEOPLE.bob,
    { user_team_id: 'T0ELSEWHR' },
    /own workspace/,
  ],
  ['a click in another workspace', PEOPLE.bob, { team_id: 'T0ELSEWHR' }, /no answers from this workspace/],
  ['a message without a workspace', PEOPLE.bob, { no_team: true }, /no answers from this workspace/],
  ['another app', PEOPLE.bob, { app_id: 'A0ANOTHER' }, /another app/],
  [
    'a foreign organisation',
    PEOPLE.bob,
    { team_id: 'T0ELSEWHR', enterprise_id: 'E0ELSEWHR' },
    /no answers from this workspace/,
  ],
  ['somebody deactivated', PEOPLE.gone, {}, /not active/],
  ['somebody invited who never came', PEOPLE.invited, {}, /not active/],
  ['a bot', PEOPLE.robot, {}, /Bots may not/],
  ['a stranger of a shared channel', PEOPLE.unknown, {}, /own workspace/],
];

for (const [name, user, from, says] of OTHERS)
  it(`${name} answers nothing, neither by a click nor by a dialog (A15)`, async () => {
    const at = await posted();
    await click(at.slack, { user, message: at.message, button: at.button('approve'), from });
    await heard(at, user);
    assert.match(wordsTo(at.slack, user), says);
    const view = {
      id: 'V1',
      user: user.id,
      hash: 'V1.1',
      view: {
        callback_id: 'deny',
        private_metadata: JSON.stringify({ card: CARD.id, version: 1, channel: ROOM }),
      },
    };
    await submit(at.slack, { user, opened: view, values: { reason: 'x' }, from });
    await until(
      'told again',
      () => at.slack.workspace.ephemerals.filter((each) => each.user === user.id).length === 2,
    );
    await click(at.slack, { user, message: at.message, button: at.button('deny'), from });
    await command(at.slack, { user, text: 'link', channel: ROOM, from });
    await until(
      'and again',
      () => at.slack.workspace.ephemerals.filter((each) => each.user === user.id).length >= 3,
    );
    assert.deepEqual(at.behind.answers, []);
    assert.deepEqual(at.behind.adopted, []);
    assert.doesNotMatch(JSON.stringify(at.slack.workspace.ephemerals), /gate\.example\.com\/link/);
  });

it('when Slack cannot say who clicked, nothing is recorded and they are told (A20)', async () => {
  const at = await posted();
  at.slack.limits.refuse('users.info', 5);
  await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('approve') });
  await heard(at, PEOPLE.bob);
  assert.match(wordsTo(at.slack, PEOPLE.bob), /Nothing was recorded/);
  assert.deepEqual(at.behind.answers, []);
});

it('when the door throws, nobody is told that it worked', async () => {
  const at = await posted();
  at.behind.told = () => Promise.reject(new Error('disk I/O error'));
  await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('approve') });
  await heard(at, PEOPLE.bob);
  assert.match(wordsTo(at.slack, PEOPLE.bob), /not certain/);
  assert.doesNotMatch(wordsTo(at.slack, PEOPLE.bob), /disk/);
});

it('a member nobody knows is offered the link to confirm, in a message only they see', async () => {
  const at = await posted();
  await click(at.slack, { user: PEOPLE.stranger, message: at.message, button: at.button('approve') });
  await heard(at, PEOPLE.stranger);
  const [notice] = at.slack.workspace.ephemerals;
  assert.equal(notice?.user, PEOPLE.stranger.id);
  assert.deepEqual(
    buttonsOf(notice.blocks).map(({ url }) => url),
    ['https://gate.example.com/link/slack%3At0example%2Fu0strange'],
  );
  // Their display name is another’s; it made them nobody.
  assert.equal(at.behind.answers[0]?.account, 'slack:t0example/u0strange');
});

it('an address makes somebody known only where Slack confirmed it and the configuration says so (A13)', async () => {
  const table: readonly (readonly [string, object, User, readonly string[]])[] = [
    ['not configured', {}, { ...PEOPLE.bob, id: 'U0BOBNEW1' }, []],
    ['unconfirmed', { accounts: 'email' }, { ...PEOPLE.bob, id: 'U0BOBNEW2', is_email_confirmed: false }, []],
    [
      'confirmed',
      { accounts: 'email' },
      { ...PEOPLE.bob, id: 'U0BOBNEW3' },
      ['slack:t0example/u0bobnew3 bob@example.com'],
    ],
    ['a guest', { accounts: 'email' }, { ...PEOPLE.bob, id: 'U0BOBNEW4', is_restricted: true }, []],
  ];
  for (const [name, config, user, want] of table) {
    const at = await posted({ config });
    at.slack.workspace.users.set(user.id, user);
    await click(at.slack, { user, message: at.message, button: at.button('approve') });
    await heard(at, user);
    assert.deepEqual(at.behind.adopted, want, name);
    await at.close();
  }
  stage = undefined;
});

it('prose is never an answer, wherever it is written (A18)', async () => {
  const at = await posted();
  const texts = ['yes, approve', 'approved', `approve ${CARD.id}.1`, '<@UBOT00001> go ahead'];
  for (const text of texts) {
    await event(at.slack, {
      type: 'message',
      channel_type: 'im',
      user: PEOPLE.bob.id,
      text,
      channel: 'D1',
      ts: at.slack.workspace.ts(),
    });
    await event(at.slack, {
      type: 'app_mention',
      user: PEOPLE.bob.id,
      text,
      channel: ROOM,
      ts: at.slack.workspace.ts(),
    });
    await event(at.slack, {
      type: 'reaction_added',
      user: PEOPLE.bob.id,
      reaction: 'white_check_mark',
      item: { type: 'message', channel: ROOM, ts: at.message.ts },
    });
    await command(at.slack, { user: PEOPLE.bob, text, channel: ROOM });
  }
  await until('commands were answered', () => at.slack.workspace.ephemerals.length === texts.length);
  assert.match(wordsTo(at.slack, PEOPLE.bob), /never taken as an answer/);
  assert.deepEqual(at.behind.answers, []);
});

it('what no button of a card carries answers nothing (A17)', async () => {
  const at = await posted();
  const forged: readonly Obj[] = [
    { type: 'button', action_id: 'approve', value: '../../admin.1' },
    { type: 'button', action_id: 'approve', value: `${CARD.id}` },
    { type: 'button', action_id: 'approve', value: `${CARD.id}.1.2` },
    { type: 'button', action_id: 'approve' },
    { type: 'button', action_id: 'approve_all', value: `${CARD.id}.1` },
    { type: 'button', action_id: 'open', value: `${CARD.id}.1`, url: CARD.link },
  ];
  for (const button of forged)
    assert.ok((await click(at.slack, { user: PEOPLE.bob, message: at.message, button })).acked);
  const opened = {
    id: 'V1',
    user: PEOPLE.bob.id,
    hash: 'h',
    view: { callback_id: 'deny', private_metadata: '{"card":"x","version":1}' },
  };
  assert.ok((await submit(at.slack, { user: PEOPLE.bob, opened, values: { reason: 'x' } })).acked);
  await command(at.slack, { user: PEOPLE.bob, text: 'help', channel: ROOM });
  await heard(at, PEOPLE.bob);
  assert.deepEqual(at.behind.answers, []);
});

it('an answer to a click is sent nowhere but to Slack (A26)', async () => {
  const at = await posted();
  const { deliver } = at.slack.delivery;
  const payload = {
    type: 'block_actions',
    user: { id: PEOPLE.bob.id, team_id: 'T0EXAMPLE' },
    api_app_id: at.slack.app_id,
    team: { id: 'T0EXAMPLE' },
    enterprise: null,
    container: { type: 'message', message_ts: at.message.ts, channel_id: ROOM },
    trigger_id: at.slack.triggerFor(PEOPLE.bob.id),
    response_url: 'http://169.254.169.254/latest/meta-data',
    actions: [at.button('approve')],
  };
  assert.ok((await deliver('interactive', payload)).acked);
  await until('it was refused', () =>
    at.behind.log.some((line) => line.includes('response_url leads elsewhere')),
  );
});

it('on Enterprise Grid people are known by the organisation, whichever workspace they click in', async () => {
  const at = await posted({
    config: { workspaces: [], enterprise: 'E0EXAMPLE' },
    enterprise: { id: 'E0EXAMPLE', name: 'Example' },
  });
  const of = (id: string, enterprise_id: string): User => ({
    id,
    team_id: 'T0SECOND1',
    name: id,
    enterprise_user: { id: id.replace('U', 'W'), enterprise_id, teams: ['T0SECOND1'] },
  });
  const [ours, theirs] = [of('U0GRID001', 'E0EXAMPLE'), of('U0GRID002', 'E0ELSEWHR')];
  for (const user of [ours, theirs]) at.slack.workspace.users.set(user.id, user);
  const from = { team_id: 'T0SECOND1', enterprise_id: 'E0EXAMPLE' };
  await click(at.slack, { user: ours, message: at.message, button: at.button('approve'), from });
  await click(at.slack, {
    user: ours,
    message: at.message,
    button: at.button('approve'),
    from: { enterprise_id: 'E0EXAMPLE', no_team: true },
  });
  await until('asked', () => at.behind.answers.length === 2);
  assert.deepEqual(
    [...new Set(at.behind.answers.map(({ account }) => account))],
    ['slack:e0example/w0grid001'],
  );
  await click(at.slack, { user: theirs, message: at.message, button: at.button('approve'), from });
  await heard(at, theirs);
  assert.match(wordsTo(at.slack, theirs), /own workspace/);
  assert.equal(at.behind.answers.length, 2);
  assert.equal(at.channel.placeOf?.('slack:e0example/w0grid001'), 'W0GRID001');
});

it('everything it draws, Slack takes', async () => {
  const at = await posted();
  for (const { blocks } of at.seen()) assert.deepEqual(blockFaults(blocks, 'message'), []);
  assert.deepEqual(
    at.slack.calls.filter(({ answer }) => !answer.ok),
    [],
  );
});

it('a dialog Slack does not open records nothing, and says so', async () => {
  const at = await posted();
  at.slack.limits.refuse('views.open', 5);
  await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('deny') });
  await heard(at, PEOPLE.bob);
  assert.match(wordsTo(at.slack, PEOPLE.bob), /nothing was recorded/);
  assert.deepEqual(at.behind.answers, []);
});

it('more than it can work on is not acknowledged, so that Slack says so to whoever clicked (A20, A21)', async () => {
  const at = await posted();
  const held: (() => void)[] = [];
  at.behind.told = () =>
    new Promise((resolve) => held.push(() => resolve({ kind: 'refused', says: 'Already answered.' })));
  for (let n = 0; n < 200; n += 1)
    await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('approve') });
  await until('all at work', () => held.length === 200);
  const one = await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('approve') });
  assert.deepEqual([one.acked, one.status], [false, 503]);
  for (const release of held) release();
  await until('room again', () => wordsTo(at.slack, PEOPLE.bob).split('Already answered.').length > 200);
  at.behind.told = async () => ({ kind: 'recorded', says: 'Done.' });
  assert.ok(
    (await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.button('approve') })).acked,
  );
});
