import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { afterEach, it } from 'node:test';
import { openLine } from '../../gateway/src/channels/slack/wire/line.ts';
import { createSeen } from '../../gateway/src/channels/slack/wire/seen.ts';
import { openSocket } from '../../gateway/src/channels/slack/wire/socket.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { until } from '../../gateway/testing/until.ts';
import { buttonsOf, click, event, wordsTo } from './counterpart/people.ts';
import type { Message, Obj } from './counterpart/workspace.ts';
import { CARD, openStage, PEOPLE, ROOM, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

async function connected(): Promise<Stage & { message: Message; approve: Obj }> {
  stage = await openStage({ transport: 'socket' });
  await stage.channel.post(CARD, ROOM);
  const [message] = stage.seen();
  const approve = buttonsOf(message?.blocks ?? []).find(({ action_id }) => action_id === 'approve');
  assert.ok(message && approve);
  return { ...stage, message, approve };
}

it('a connection Slack refreshes is replaced before it ends, and both are listened to', async () => {
  const at = await connected();
  const [first] = at.slack.sockets.peers();
  first?.send({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'applink-1' } });
  await until('two connections', () => at.slack.sockets.peers().length === 2);
  // Envelopes go to either, in turn.
  for (const _ of [1, 2, 3, 4])
    assert.ok((await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.approve })).acked);
  first?.close();
  await until('one is left', () => at.slack.sockets.peers().length === 1);
  assert.ok((await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.approve })).acked);
  await until('all five', () => at.behind.answers.length === 5);
  assert.equal(at.channel.health().ok, true);
});

it('a click that was on its way when the connection broke is recorded once, when it comes again', async () => {
  for (const when of ['before', 'after'] as const) {
    const at = await connected();
    at.slack.sockets.cutNext(when);
    assert.equal(
      (await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.approve })).acked,
      false,
    );
    await until('connected again', () => at.slack.sockets.peers().some((each) => each.open()));
    assert.equal((await at.slack.delivery.again()).acked, true, 'the same envelope, acknowledged');
    await until('recorded', () => at.behind.answers.length > 0);
    await event(at.slack, { type: 'app_home_opened', tab: 'home', user: PEOPLE.bob.id });
    await until('what came later was taken', () => at.slack.workspace.homes.size === 1);
    assert.equal(at.behind.answers.length, 1, when);
    await at.close();
  }
  stage = undefined;
});

it('connects again however often it is cut, and says meanwhile that it is not connected', async () => {
  const at = await connected();
  at.slack.down('refusing');
  await until('it knows', () => !at.channel.health().ok);
  assert.match(at.channel.health().says, /Slack/);
  at.slack.down(undefined);
  await until('it is back', () => at.channel.health().ok);
  assert.ok((await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.approve })).acked);
});

it('Socket Mode turned off is for an operator to hear', async () => {
  const at = await connected();
  at.slack.sockets.peers()[0]?.send({ type: 'disconnect', reason: 'link_disabled' });
  await until('said', () => at.behind.log.some((line) => line.includes('Socket Mode is turned off')));
});

it('what cannot be read is not acknowledged, and ends nothing', async () => {
  const at = await connected();
  const [peer] = at.slack.sockets.peers();
  peer?.send({ type: 'interactive', envelope_id: '../../etc', payload: {} });
  peer?.send({ type: 'something_new', payload: {} });
  peer?.ping();
  assert.ok((await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.approve })).acked);
  await until('answered', () => wordsTo(at.slack, PEOPLE.bob) !== '');
});

it('nothing is taken after it was closed', async () => {
  const at = await connected();
  await at.channel.close();
  await until('gone', () => at.slack.sockets.peers().length === 0);
  assert.equal(
    (await click(at.slack, { user: PEOPLE.bob, message: at.message, button: at.approve })).acked,
    false,
  );
  assert.deepEqual(at.behind.answers, []);
});

it('a token of another app is not listened to, and an operator is told which', async () => {
  stage = await openStage({ transport: 'url' });
  const { slack, behind } = stage;
  const lines: string[] = [];
  const socket = openSocket({
    app_id: 'A0ANOTHER',
    open: async () =>
      (
        (await (
          await fetch(`${slack.api}apps.connections.open`, {
            method: 'POST',
            headers: { authorization: `Bearer ${slack.app_token}` },
          })
        ).json()) as { url: string }
      ).url,
    seen: createSeen(Date.now, { lasts_ms: 1_000, most: 10 }),
    way: DIRECT,
    accepts: () => true,
    take: () => lines.push('taken'),
    log: { info: () => undefined, warn: (_, message) => void lines.push(message) },
    now: Date.now,
    random: () => 0,
  });
  try {
    await until('said', () => lines.some((line) => line.includes('app_token is of another app, A0COUNTER')));
    await until('gone', () => slack.sockets.peers().length === 0);
    assert.deepEqual(behind.answers, []);
    assert.match(socket.trouble()?.says ?? '', /another app/);
  } finally {
    socket.close();
  }
});

it('a connection nothing comes through any more is given up, though nobody closed it', async () => {
  stage = await openStage({ transport: 'socket' });
  const { slack } = stage;
  let clock = 0;
  let ready = false;
  let ended = false;
  const { url } = (await (
    await fetch(`${slack.api}apps.connections.open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.app_token}` },
    })
  ).json()) as { url: string };
  const line = openLine({
    url: new URL(url),
    app_id: slack.app_id,
    seen: createSeen(Date.now, { lasts_ms: 1_000, most: 10 }),
    accepts: () => true,
    take: () => undefined,
    now: () => clock,
    way: DIRECT,
    ready: () => {
      ready = true;
    },
    leaving: () => undefined,
    ended: () => {
      ended = true;
    },
  });
  await until('greeted', () => ready);
  const peer = slack.sockets.peers().at(-1);
  // A pong keeps it.
  clock = 20_000;
  const pong = new Promise<void>((resolve) => channel('undici:websocket:pong').subscribe(() => resolve()));
  line.beat();
  await pong;
  clock = 45_000;
  line.beat();
  assert.equal(ended, false);
  peer?.freeze();
  clock = 90_000;
  line.beat();
  assert.equal(ended, true);
  assert.equal(line.isLive(), false);
});

it('an event that comes again does no more than draw again', async () => {
  const at = await connected();
  const home = {
    token: 'x',
    team_id: 'T0EXAMPLE',
    api_app_id: at.slack.app_id,
    type: 'event_callback',
    event_id: 'Ev1',
    event: { type: 'app_home_opened', tab: 'home', user: PEOPLE.bob.id },
  };
  for (const number of [0, 1, 2])
    assert.ok(
      (
        await at.slack.delivery.deliver(
          'events_api',
          home,
          number === 0 ? undefined : { number, reason: 'http_timeout' },
        )
      ).acked,
    );
  await until('drawn', () => at.slack.calls.filter(({ method }) => method === 'views.publish').length === 3);
  assert.deepEqual(at.behind.answers, []);
});
