/** The demo itself, in a process of its own, decided in the counterpart of Teams. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { APPROVE, DENY } from '../../gateway/src/channels/teams/verbs.ts';
import { AFTER, BEFORE } from '../../gateway/src/cli/demo/world.ts';
import { eventually, PROCESS_MS, until } from '../../gateway/testing/until.ts';
import { type Demo, startDemo } from '../gateway/demo.ts';
import { Clients } from './cloud/client.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { buttonsOf, type Conversation, type Json, type Message, type User, wordsOf } from './cloud/model.ts';
import { baseOf } from './driver.ts';
import { accountOf } from './rig.ts';

describe('the demo, decided in Teams', { timeout: 120_000 }, () => {
  let cloud: Cloud;
  let clients: Clients;
  let place: Conversation;
  let bob: User;
  let demo: Demo;

  /** `to`: where cards go; the channel everybody is in when it is left out. */
  async function open(to?: 'reviewers'): Promise<void> {
    cloud = await startCloud();
    clients = new Clients(cloud);
    bob = cloud.user('bob');
    place = cloud.conversation('channel', [bob]);
    const { app_id, tenant, secret } = cloud.bot;
    demo = await startDemo((url) => {
      clients.endpoint = `${url.replace('localhost', '127.0.0.1')}/channels/teams`;
      return {
        env: { TEAMS_CLIENT_SECRET: secret },
        channels: `channels:
  teams:
    app_id: ${app_id}
    tenant: ${tenant}
    client_secret: env:TEAMS_CLIENT_SECRET
    to: ${to ?? place.id}
    endpoints: ${JSON.stringify(cloud.endpoints)}
`,
      };
    });
  }
  afterEach(async () => {
    await demo.close();
    await cloud.close();
    assert.deepEqual([clients.complaints, cloud.connector.refused], [[], []]);
  });

  const messages = (): readonly Message[] => [...place.messages, ...cloud.connector.personal(bob).messages];
  const card = async (...all: readonly RegExp[]): Promise<Message> => {
    const now = (): Message | undefined =>
      messages().find((message) => all.every((what) => what.test(wordsOf(baseOf(message)))));
    return eventually(
      () =>
        `a card with ${all.join(' ')}; ${messages()
          .map((each) => wordsOf(baseOf(each)))
          .join('\n---\n')}\n${demo.said()}`,
      now,
      PROCESS_MS,
    );
  };
  async function press(on: Message, verb: string, inputs: Json = {}): Promise<string> {
    const view = (await clients.view(bob, on)) ?? {};
    const action = buttonsOf(view).find((each) => each.action['verb'] === verb)?.action;
    assert.ok(action, `a button for ${verb}: ${wordsOf(view)}`);
    return (await clients.press(bob, on, { action, inputs })).says ?? '';
  }

  /** As the demo says: `link` to the bot, and the button on the page it leads to. */
  async function link(): Promise<void> {
    await demo.says(/Teams: .*Cards go to (19:|reviewers)/);
    await demo.says(/write link to the bot in Teams/);
    await demo.says(/Press Enter to go on without/);
    const chat = cloud.connector.personal(bob);
    await clients.say(bob, { in: chat, text: 'link' });
    await until('a link', () => chat.messages.length > 0, PROCESS_MS);
    const [button] = buttonsOf(chat.messages.map(baseOf)[0] ?? {});
    const url = new URL(String(button?.action['url']));
    assert.equal(url.origin, demo.url);
    await (await demo.robin()).channels.confirmLink(url.hash.slice(1));
    await demo.says(/olivia agreed: Link the account entra:/);
  }

  it('approved there, it ran once, and the card says how it ended', async () => {
    await open();
    await link();
    await demo.says(/Decide it on its card in Teams/);
    const shown = await card(/write_file/, /replicas/, /It would take away 1 line and add 1 line/);
    assert.equal(await demo.overwritten(), BEFORE);
    assert.match(await press(shown, APPROVE), /You approved it/);
    await demo.says(/ran once, with the gateway/);
    assert.equal(await demo.overwritten(), AFTER);
    await card(/write_file/, /Robin \(you\) approved/, /It ran/);

    const signed = await card(/move_file/, /passkey/);
    const view = (await clients.view(bob, signed)) ?? {};
    assert.deepEqual(
      buttonsOf(view).map(({ title }) => title),
      ['Open in Countersign'],
    );
    await demo.says(/Press Enter to skip/);
    demo.type('\n');
    await card(/move_file/, /Withdrawn/);
    await demo.says(/Approved by robin \(teams\)/);
    await demo.says(/Ctrl-C ends it/);
    assert.doesNotMatch(demo.said(), /broken|warning|error:/);
    const { report, reviews } = await demo.verifiedAfterItsEnd(2);
    assert.match(report, /Nothing found against it/);
    const of = accountOf(cloud, bob);
    assert.doesNotMatch(
      JSON.stringify(reviews),
      new RegExp(of.slice(-36)),
      'A23: no account stands in the log',
    );
    assert.deepEqual(
      reviews.map(({ reviewer, channel, decision, counted }) => [reviewer, channel, decision, counted]),
      [
        ['olivia', 'cli', 'approved', true],
        ['robin', 'teams', 'approved', true],
      ],
    );
  });

  it('denied there with a reason, in a chat of one’s own, the agent is told it and the file is as it was', async () => {
    await open('reviewers');
    await link();
    await press(await card(/write_file/), DENY, { reason: 'not on a Friday' });
    await demo.says(/denied nothing ran\. .*not on a Friday/);
    await card(/write_file/, /^Denied\n/, /not on a Friday/);
    assert.equal(await demo.overwritten(), BEFORE);
    const { reviews } = await demo.verifiedAfterItsEnd(2);
    assert.deepEqual(
      reviews.slice(1).map(({ reviewer, channel, decision }) => [reviewer, channel, decision]),
      [['robin', 'teams', 'denied']],
    );
  });
});
