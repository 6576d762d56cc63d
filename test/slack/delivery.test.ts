import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { ChannelTrouble } from '../../gateway/src/channels/channel.ts';
import { until } from '../../gateway/testing/until.ts';
import { wordsOf } from './counterpart/block-kit.ts';
import { CARD, openStage, PEOPLE, ROOM, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (options: Parameters<typeof openStage>[0] = {}): Promise<Stage> => {
  stage = await openStage(options);
  return stage;
};

const troubled = async (work: Promise<unknown>): Promise<ChannelTrouble> => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ChannelTrouble, String(error));
  return error;
};

/** Opened just now, as delivery first sees one. */
const fresh = () => ({ ...CARD, opened_at: Date.now(), expires_at: Date.now() + 3_600_000 });
const callsOf = ({ slack }: Stage, method: string): number =>
  slack.calls.filter((each) => each.method === method).length;

it('posts once, quietly, and changes it in place', async () => {
  const at = await open();
  const card = fresh();
  const where = await at.channel.post(card, ROOM);
  assert.match(where, /^C0APPROVE:\d+\.\d{6}$/);
  assert.ok(Buffer.byteLength(where) <= 1024);
  const { unfurl_links, link_names, parse } = at.slack.calls.at(-1)?.fields ?? {};
  assert.deepEqual(
    { unfurl_links, link_names, parse },
    { unfurl_links: 'false', link_names: 'false', parse: 'none' },
  );
  assert.equal(callsOf(at, 'conversations.history'), 0);
  await at.channel.update({ ...card, version: 2, status: 'denied', offers: { kind: 'none' } }, where);
  const [message, ...more] = at.seen();
  assert.deepEqual(more, []);
  assert.match(wordsOf(message?.blocks), /Denied/);
  assert.doesNotMatch(wordsOf(message?.blocks), /Approve$/m);
  assert.deepEqual(message?.metadata, {
    event_type: 'countersign_card',
    event_payload: { card: CARD.id, told: '' },
  });
});

it('a post whose answer was lost is found again, not repeated (A20)', async () => {
  const at = await open();
  at.slack.loseNextAnswer('chat.postMessage');
  const card = fresh();
  assert.equal((await troubled(at.channel.post(card, ROOM))).when, 'unsure');
  const where = await at.channel.post(
    { ...card, version: 2, status: 'denied', offers: { kind: 'none' } },
    ROOM,
  );
  assert.equal(at.seen().length, 1);
  assert.equal(where, `${ROOM}:${at.seen()[0]?.ts}`);
  // And shows what is newest, not what was first posted.
  assert.match(wordsOf(at.seen()[0]?.blocks), /Denied/);
});

it('a gateway that fell after posting, and one beside it, find the card', async () => {
  const at = await open();
  const card = { ...fresh(), opened_at: Date.now() - 60_000 };
  const where = await at.channel.post(card, ROOM);
  const other = await at.another();
  assert.equal(await other.post(card, ROOM), where);
  assert.equal(at.seen().length, 1);
});

it('one look at a channel answers for many cards', async () => {
  const at = await open();
  const old = { ...CARD, opened_at: Date.now() - 60_000 };
  for (const n of [1, 2, 3, 4]) await at.channel.post({ ...old, id: `card-number-${n}-0123456789` }, ROOM);
  assert.equal(at.seen().length, 4);
  assert.equal(callsOf(at, 'conversations.history'), 1);
});

it('metadata another app wrote finds nothing', async () => {
  const at = await open();
  const card = { ...fresh(), opened_at: Date.now() - 60_000 };
  at.slack.workspace.messages.push({
    ts: at.slack.workspace.ts(),
    channel: ROOM,
    app_id: 'A0ANOTHER',
    bot_id: 'B0ANOTHER',
    text: 'x',
    blocks: [],
    metadata: { event_type: 'countersign_card', event_payload: { card: card.id, told: '' } },
  });
  await at.channel.post(card, ROOM);
  assert.equal(at.seen().length, 2);
});

it('without permission to read it posts anew, and says so once', async () => {
  const at = await open({ scopes: ['chat:write', 'commands', 'im:write', 'users:read'] });
  const card = { ...fresh(), opened_at: Date.now() - 60_000 };
  await at.channel.post(card, ROOM);
  await at.channel.post(card, ROOM);
  assert.equal(at.seen().length, 2);
  assert.equal(at.behind.log.filter((line) => line.includes('channels:history')).length, 1);
});

it('tells the thread what happened, each thing once, whoever carries it', async () => {
  const at = await open();
  const card = fresh();
  const where = await at.channel.post(card, ROOM);
  const approved = {
    ...card,
    version: 2,
    status: 'approved' as const,
    offers: { kind: 'none' as const },
    progress: ['Approved by Bob.'],
  };
  const ran = { ...approved, version: 3, progress: ['Approved by Bob.', 'It ran and succeeded.'] };
  const runs = { ...approved, version: 3, progress: ['Approved by Bob.', 'It is running.'] };
  await at.channel.update(approved, where);
  await at.channel.update(approved, where);
  const other = await at.another();
  await other.update(runs, where);
  await other.update(ran, where);
  await at.channel.update(ran, where);
  const [root, ...thread] = at.seen();
  assert.deepEqual(
    thread.map(({ blocks, thread_ts }) => [wordsOf(blocks), thread_ts === root?.ts]),
    [
      ['Approved by Bob.', true],
      ['It is running.', true],
      ['It ran and succeeded.', true],
    ],
  );
});

it('a thread told just before a crash is not told again', async () => {
  const at = await open();
  const card = fresh();
  const where = await at.channel.post(card, ROOM);
  const denied = {
    ...card,
    version: 2,
    status: 'denied' as const,
    offers: { kind: 'none' as const },
    progress: ['Denied by Bob.'],
  };
  at.slack.loseNextAnswer('chat.postMessage');
  await troubled(at.channel.update(denied, where));
  await (await at.another()).update(denied, where);
  assert.equal(at.seen().length, 2);
});

it('reaches a person, each member of a user group, and mentions one in a channel', async () => {
  const at = await open();
  at.slack.workspace.groups.set('S0ONCALL', [PEOPLE.bob.id, PEOPLE.carol.id]);
  const [bob, carol] = [PEOPLE.bob, PEOPLE.carol].map(({ id }) => at.slack.workspace.direct(id).id);
  const card = fresh();
  await at.channel.post({ ...card, id: 'to-one-person-0123456789' }, PEOPLE.bob.id);
  await at.channel.post({ ...card, id: 'to-each-member-0123456789' }, 'S0ONCALL');
  const where = await at.channel.post({ ...card, id: 'with-a-mention-0123456789' }, `${ROOM}+S0ONCALL`);
  assert.deepEqual(
    at.seen().map(({ channel }) => channel),
    [bob, bob, carol, ROOM],
  );
  assert.match(JSON.stringify(at.seen()[3]?.blocks), /"usergroup_id":"S0ONCALL"/);
  await at.channel.update({ ...card, id: 'with-a-mention-0123456789', version: 2 }, where);
  assert.match(JSON.stringify(at.seen()[3]?.blocks), /"usergroup_id":"S0ONCALL"/);
  assert.equal(at.channel.placeOf?.('slack:t0example/u0bob0001'), PEOPLE.bob.id);
  assert.equal(at.channel.placeOf?.('email:bob@example.com'), undefined);
});

it('of a group, whoever was reached before it failed is not asked twice', async () => {
  const at = await open();
  at.slack.workspace.groups.set('S0ONCALL', [PEOPLE.bob.id, PEOPLE.gone.id]);
  const card = fresh();
  assert.equal((await troubled(at.channel.post(card, 'S0ONCALL'))).when, 'never');
  at.slack.workspace.groups.set('S0ONCALL', [PEOPLE.bob.id, PEOPLE.carol.id]);
  const later = await at.another(); // who is in the group is remembered for a minute
  await later.post(card, 'S0ONCALL');
  assert.equal(at.seen().length, 2);
});

it('what Slack says decides whether it is tried again', async () => {
  const at = await open();
  at.slack.workspace.channels.set('C0ARCHIVE', {
    id: 'C0ARCHIVE',
    members: new Set(['UBOT00001']),
    archived: true,
  });
  at.slack.workspace.channels.set('C0OUTSIDE', { id: 'C0OUTSIDE', members: new Set(), archived: false });
  const table: readonly (readonly [string, ChannelTrouble['when'], RegExp])[] = [
    ['C0NOWHERE', 'never', /channel_not_found.*\/invite/],
    ['C0OUTSIDE', 'never', /not_in_channel.*\/invite/],
    ['C0ARCHIVE', 'never', /is_archived/],
    ['U0NOBODY1', 'never', /user_not_found/],
    [PEOPLE.gone.id, 'never', /user_disabled/],
    ['S0NOGROUP', 'never', /no_such_subteam/],
    ['#approvals', 'never', /is no place/],
  ];
  for (const [to, when, says] of table) {
    const error = await troubled(
      at.channel.post({ ...fresh(), id: `to-${to.replace('#', '')}-0123456789` }, to),
    );
    assert.equal(error.when, when, to);
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /xoxb/);
  }
  assert.equal(at.channel.health().ok, true, 'one wrong place is not all of Slack');
});

it('a 429 is told with its time, and Slack is left alone meanwhile', async () => {
  let clock = Date.now();
  const at = await open({ now: () => clock });
  const card = { ...CARD, opened_at: clock };
  at.slack.limits.refuse('chat.postMessage', 30);
  const error = await troubled(at.channel.post(card, ROOM));
  assert.deepEqual([error.when, error.retry_after_ms], ['later', 30_000]);
  const called = callsOf(at, 'chat.postMessage');
  assert.equal(
    (await troubled(at.channel.post({ ...card, id: 'another-card-0123456789' }, ROOM))).when,
    'later',
  );
  assert.equal(callsOf(at, 'chat.postMessage'), called);
  clock += 31_000;
  await at.channel.post(card, ROOM);
  assert.equal(at.seen().length, 1);
});

it('never goes faster than Slack allows', async () => {
  const at = await open({ unhurried: false });
  const card = fresh();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) =>
      at.channel.post({ ...card, id: `card-number-${n}-0123456789` }, ROOM),
    ),
  );
  const later = outcomes.flatMap((each) =>
    each.status === 'rejected' ? [each.reason as ChannelTrouble] : [],
  );
  assert.ok(later.length > 0);
  assert.ok(later.every(({ when, retry_after_ms = 0 }) => when === 'later' && retry_after_ms > 0));
  assert.equal(at.slack.limits.refusals(), 0);
});

it('down, it says so, and answers for nobody (A20)', async () => {
  const at = await open();
  at.slack.down('refusing');
  const error = await troubled(at.channel.post(fresh(), ROOM));
  assert.notEqual(error.when, 'never');
  const health = at.channel.health();
  assert.equal(health.ok, false);
  assert.match(health.says, /Slack did not answer/);
  at.slack.down(undefined);
  await at.channel.post({ ...fresh(), id: 'after-the-outage-0123456789' }, ROOM);
  assert.equal(at.channel.health().ok, true);
  assert.deepEqual(at.behind.answers, []);
});

it('a token that is no more is for an operator, who is told which', async () => {
  const at = await open();
  const { bot_token } = at.slack;
  Object.assign(at.slack, { bot_token: `${bot_token}x` });
  const error = await troubled((await at.another()).post(fresh(), ROOM));
  assert.equal(error.when, 'never');
  assert.match(error.message, /invalid_auth.*bot_token/);
  assert.doesNotMatch(error.message, new RegExp(bot_token));
});

it('a card somebody deleted in Slack is let go', async () => {
  const at = await open();
  const card = fresh();
  const where = await at.channel.post(card, ROOM);
  at.slack.workspace.messages.length = 0;
  await at.channel.update({ ...card, version: 2 }, where);
  assert.equal(at.seen().length, 0);
});

it('says at once when the bot is of a workspace nobody named', async () => {
  const at = await open({ config: { workspaces: ['T0ANOTHER'] } });
  await until('looked', () => !at.channel.health().ok);
  assert.match(at.channel.health().says, /bot_token is of workspace T0EXAMPLE/);
});

it('says what is no request once, at each place, whoever says it', async () => {
  const at = await open();
  const notice = {
    id: 'digest-2026-11-21-0123456789',
    title: 'What waits',
    lines: ['3 requests wait.', ''],
    link: CARD.link,
  };
  const say = at.channel.say ?? assert.fail();
  at.slack.loseNextAnswer('chat.postMessage');
  await troubled(say(notice, ROOM));
  const other = await at.another();
  await other.say?.(notice, ROOM);
  assert.deepEqual(
    at.seen().map(({ blocks }) => wordsOf(blocks)),
    ['What waits\n3 requests wait.\nOpen'],
  );
});
