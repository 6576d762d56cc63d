/** kill -9 of a real gateway process, with a card on its way: nothing is lost, one answer counts, and the card says what is so. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { APPROVE } from '../../gateway/src/channels/teams/verbs.ts';
import { PROCESS_MS, until } from '../../gateway/testing/until.ts';
import { HELD, openYard, ranOf, UPSTREAM_SECRET, type Yard } from '../gateway/yard.ts';
import { Clients } from './cloud/client.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { buttonsOf, type Conversation, type Json, type Message, type User, wordsOf } from './cloud/model.ts';
import { baseOf } from './driver.ts';
import { accountOf } from './rig.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/cli/main.ts', import.meta.url));

let yard: Yard;
let cloud: Cloud;
let clients: Clients;
let place: Conversation;
let bob: User;
let child: ChildProcess | undefined;

beforeEach(async () => {
  cloud = await startCloud();
  clients = new Clients(cloud);
  bob = cloud.user('bob');
  place = cloud.conversation('channel', [bob]);
  yard = await openYard();
  const { app_id, tenant, secret } = cloud.bot;
  await writeFile(path.join(yard.dir, 'teams.secret'), secret, { mode: 0o600 });
  const teams = {
    app_id,
    tenant,
    client_secret: 'file:teams.secret',
    to: place.id,
    endpoints: cloud.endpoints,
  };
  await yard.editConfig((text) =>
    text
      .replace('bob: { name: Bob,', `bob: { name: Bob, accounts: ["${accountOf(cloud, bob)}"],`)
      .concat(`channels: ${JSON.stringify({ teams })}\n`),
  );
  await yard.house.gateway.close();
  clients.endpoint = `${yard.house.gateway.url}/channels/teams`;
  await begin();
});
afterEach(async () => {
  await killed();
  await yard.close();
  await cloud.close();
});

async function begin(): Promise<void> {
  child = spawn(
    process.execPath,
    [...process.execArgv, MAIN, 'serve', '--config', path.join(yard.dir, 'countersign.yaml')],
    {
      cwd: yard.dir,
      env: { ...process.env, UPSTREAM_TOKEN: UPSTREAM_SECRET },
      stdio: 'ignore',
    },
  );
  const started = child;
  await soon('the gateway answers', async () => {
    assert.equal(started.exitCode, null, 'it ended');
    return fetch(`${yard.house.gateway.url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
}

/** Whatever is waited for here, a process is started or a lease runs out first. */
const soon = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
  until(what, holds, PROCESS_MS);

async function killed(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** The agent asks; it is told to wait. */
async function ask(): Promise<unknown> {
  const agent = await yard.connect();
  try {
    return await agent.callTool({ name: HELD, arguments: {} });
  } finally {
    await agent.close();
  }
}

async function approve(message: Message): Promise<string> {
  const card = (await clients.view(bob, message)) ?? {};
  const action: Json | undefined = buttonsOf(card).find((each) => each.action['verb'] === APPROVE)?.action;
  assert.ok(action, wordsOf(card));
  return (await clients.press(bob, message, { action })).says ?? '';
}

const shows = (message: Message, words: RegExp): Promise<void> =>
  soon(`the card shows ${words}`, () => words.test(wordsOf(baseOf(message))));

test('between Teams taking a card and the gateway knowing where it is: shown again, both answer, one counts', {
  timeout: 120_000,
}, async () => {
  const taken = cloud.holdNextAnswer();
  await ask();
  await taken;
  await killed();
  cloud.comeUp();
  await begin();
  await soon('the card is there again', () => place.messages.length === 2);
  const [lost, kept] = place.messages;
  assert.ok(lost && kept);
  assert.match(await approve(lost), /You approved it/);
  await shows(kept, /^Approved by people/);
  assert.match(JSON.stringify(await ask()), /simple text/);
  assert.equal(ranOf(yard), 1);
  // The copy the gateway does not know of is drawn anew for whoever looks, and has nothing to press.
  const seen = await clients.refresh(bob, lost);
  assert.match(seen.says ?? '', /^Approved by people/);
  assert.deepEqual(
    buttonsOf(seen.card ?? {}).map(({ title }) => title),
    ['Open in Countersign'],
  );
});

test('between an answer and the card that shows it: the answer stands, and the card comes to show it', {
  timeout: 120_000,
}, async () => {
  await ask();
  await soon('the card is there', () => place.messages.length === 1);
  const [message] = place.messages;
  assert.ok(message);
  await clients.view(bob, message);
  cloud.goDown('silent');
  assert.match(await approve(message), /You approved it/);
  await killed();
  cloud.comeUp();
  assert.doesNotMatch(wordsOf(baseOf(message)), /^Approved/);
  await begin();
  await shows(message, /^Approved by people/);
  assert.equal(place.messages.length, 1);
  assert.match(JSON.stringify(await ask()), /simple text/);
  assert.equal(ranOf(yard), 1);
  await shows(message, /It ran/);
});
