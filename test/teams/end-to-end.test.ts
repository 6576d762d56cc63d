/** A whole gateway, a real agent held on a real upstream, and a person who answers from Teams: the call goes on from there. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { APPROVE, DENY } from '../../gateway/src/channels/teams/verbs.ts';
import { until } from '../../gateway/testing/until.ts';
import { HELD, openYard, ranOf, type Yard } from '../gateway/yard.ts';
import { Clients } from './cloud/client.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { buttonsOf, type Conversation, type Json, type Message, type User, wordsOf } from './cloud/model.ts';
import { baseOf } from './driver.ts';
import { accountOf } from './rig.ts';

let yard: Yard;
let cloud: Cloud;
let clients: Clients;
let place: Conversation;
let bob: User;
let alice: User;

before(async () => {
  cloud = await startCloud();
  clients = new Clients(cloud);
  [bob, alice] = [cloud.user('bob'), cloud.user('alice')];
  place = cloud.conversation('channel', [bob, alice]);
  yard = await openYard();
  await writeFile(path.join(yard.dir, 'teams.secret'), cloud.bot.secret, { mode: 0o600 });
  const { app_id, tenant } = cloud.bot;
  const channels = {
    teams: { app_id, tenant, client_secret: 'file:teams.secret', to: place.id, endpoints: cloud.endpoints },
  };
  await yard.restart(() =>
    yard.editConfig((text) =>
      text
        .replace('hold_wait: 300ms', 'hold_wait: 20s')
        .replace('bob: { name: Bob,', `bob: { name: Bob, accounts: ["${accountOf(cloud, bob)}"],`)
        .concat(`channels: ${JSON.stringify(channels)}\n`),
    ),
  );
  clients.endpoint = `${yard.house.gateway.url}/channels/teams`;
});
after(async () => {
  await yard?.close();
  await cloud?.close();
});

async function held(): Promise<{ readonly answer: Promise<unknown>; readonly message: Message }> {
  const known = place.messages.length;
  const agent = await yard.connect();
  const answer = agent.callTool({ name: HELD, arguments: {} }).finally(() => agent.close());
  await until('a card is posted', () => place.messages.length > known).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${yard.log.slice(-20).join('\n')}\n${cloud.sent().slice(-2_000)}`);
  });
  const message = place.messages.at(-1);
  assert.ok(message);
  return { answer, message };
}

type Press = { readonly on: Message; readonly verb: string; readonly inputs?: Json };

async function press(user: User, { on: message, verb, inputs = {} }: Press): Promise<string> {
  const card = (await clients.view(user, message)) ?? {};
  const action = buttonsOf(card).find((each) => each.action['verb'] === verb)?.action;
  assert.ok(action, `a button for ${verb}: ${wordsOf(card)}`);
  return (await clients.press(user, message, { action, inputs })).says ?? '';
}

test('`link` leads to a page of the gateway; opening it links nothing, and a click then counts for nothing', async () => {
  const carol = cloud.user('carol');
  place.members.add(carol);
  const chat = cloud.connector.personal(carol);
  assert.equal((await clients.say(carol, { in: chat, text: 'link' })).status, 202);
  await until('a reply', () => chat.messages.length > 0);
  const [attachment] = (chat.messages[0]?.activity['attachments'] ?? []) as readonly {
    readonly content: Json;
  }[];
  const [button] = buttonsOf(attachment?.content ?? {});
  const url = String(button?.action['url']);
  assert.ok(url.startsWith(`http://localhost:${new URL(yard.house.gateway.url).port}/`), url);
  await fetch(url.replace('localhost', '127.0.0.1')); // opening it links nothing (A16)
  const { answer, message } = await held();
  const { action } = baseOf(message)['refresh'] as { readonly action: Json };
  const told = await clients.press(carol, message, { action: { verb: APPROVE, data: action['data'] } });
  assert.match(told.says ?? '', /linked to nobody/);
  await press(bob, { on: message, verb: APPROVE });
  await answer;
});

test('approved in Teams, the held call goes on, runs once, and the card says how it ended', async () => {
  const { answer, message } = await held();
  const before = ranOf(yard);
  assert.deepEqual(
    buttonsOf((await clients.view(alice, message)) ?? {}).map(({ title }) => title),
    ['Open in Countersign'],
    'who owns the agent has no button',
  );
  const told = await press(bob, { on: message, verb: APPROVE });
  assert.match(told, /You approved it/);
  assert.match(JSON.stringify(await answer), /simple text/);
  assert.equal(ranOf(yard), before + 1);
  await until('the card says that it ran', () => /It ran/.test(wordsOf(baseOf(message))));
  assert.match(wordsOf(baseOf(message)), /^Approved by people\n/);
  assert.match(wordsOf(baseOf(message)), /Bob approved/);
});

test('denied in Teams with a reason, the agent is told and nothing runs', async () => {
  const { answer, message } = await held();
  const before = ranOf(yard);
  await press(bob, { on: message, verb: DENY, inputs: { reason: 'not on a Friday' } });
  assert.match(JSON.stringify(await answer), /not on a Friday/);
  assert.equal(ranOf(yard), before);
  await until('the card says so', () => /^Denied\n/.test(wordsOf(baseOf(message))));
});
