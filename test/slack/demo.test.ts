/** The demo itself, in a process of its own, decided in Slack’s counterpart: over Socket Mode, and with Slack calling it. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { encodeBase64Url, reviewChallenge } from '@countersign/core';
import { createAuthenticator } from '../../gateway/src/cli/demo/signed/authenticator.ts';
import { AFTER, BEFORE, NOTE, TRASHED } from '../../gateway/src/cli/demo/world.ts';
import { eventually, PROCESS_MS, until } from '../../gateway/testing/until.ts';
import { type Demo, startDemo } from '../gateway/demo.ts';
import { wordsOf } from './counterpart/block-kit.ts';
import { type Slack, startSlack } from './counterpart/counterpart.ts';
import { buttonsOf, click, command, submit, wordsTo } from './counterpart/people.ts';
import type { Message, Obj } from './counterpart/workspace.ts';
import { PEOPLE, peopled, ROOM } from './stage.ts';

const { bob } = PEOPLE;

for (const transport of ['socket', 'url'] as const)
  describe(`the demo, decided in Slack (${transport})`, { timeout: 120_000 }, () => {
    let slack: Slack;
    let demo: Demo;

    async function open(): Promise<void> {
      slack = await startSlack({ transport });
      peopled(slack);
      const { app_id, api, bot_token, app_token, signing_secret } = slack;
      demo = await startDemo((url) => {
        slack.reachedAt(`${url.replace('localhost', '127.0.0.1')}/channels/slack`);
        return {
          env: { SLACK_BOT_TOKEN: bot_token, SLACK_APP_TOKEN: app_token },
          secrets: { 'slack.signing-secret': signing_secret },
          channels: `channels:
  slack:
    app_id: ${app_id}
    bot_token: env:SLACK_BOT_TOKEN
    ${transport === 'socket' ? 'app_token: env:SLACK_APP_TOKEN' : 'signing_secret: file:./slack.signing-secret'}
    workspaces: [T0EXAMPLE]
    to: [${ROOM}]
    api: ${api}
`,
        };
      });
    }
    afterEach(async () => {
      await demo.close();
      await slack.close();
    });

    const cardWith = (what: RegExp): Message | undefined =>
      slack.workspace.messages.find(
        ({ blocks, thread_ts }) => thread_ts === undefined && what.test(wordsOf(blocks)),
      );
    const card = async (...all: readonly RegExp[]): Promise<Message> => {
      const [first = /./, ...more] = all;
      const now = (): Message | undefined => {
        const found = cardWith(first);
        return more.every((what) => what.test(wordsOf(found?.blocks))) ? found : undefined;
      };
      return eventually(
        () =>
          `a card with ${all.join(' ')}; ${slack.workspace.messages.map(({ blocks }) => wordsOf(blocks)).join('\n---\n')}\n${demo.said()}`,
        now,
        PROCESS_MS,
      );
    };
    const button = ({ blocks }: Message, id: string): Obj =>
      buttonsOf(blocks).find(({ action_id }) => action_id === id) ?? assert.fail(id);
    const says = (what: RegExp): Promise<void> =>
      until(
        () => `Bob is told ${what}: ${wordsTo(slack, bob)}`,
        () => what.test(wordsTo(slack, bob)),
        PROCESS_MS,
      );

    /** As the demo says: `/countersign link` there, and the button on the page it leads to. */
    async function link() {
      await demo.says(/Slack: .*Cards go to C0APPROVE/);
      await demo.says(/Press Enter to go on without/);
      await command(slack, { user: bob, text: 'link', channel: ROOM });
      await says(/Sign in and confirm/);
      const [given] = slack.workspace.ephemerals.flatMap(({ blocks }) => buttonsOf(blocks));
      const url = new URL(String(given?.['url']));
      assert.equal(url.origin, demo.url);
      const robin = await demo.robin();
      await robin.channels.confirmLink(url.hash.slice(1));
      await demo.says(/olivia agreed: Link the account slack:t0example\/u0bob0001 to robin/);
      return robin;
    }

    it('approved there, it ran once; the second act’s card leads to its page, and signing there is shown on it', async () => {
      await open();
      const robin = await link();
      await demo.says(/Decide it on its card in Slack/);
      const shown = await card(
        /write_file/,
        /\\"replicas\\": 30/,
        /It would take away 1 line and add 1 line/,
      );
      assert.match(wordsOf(shown.blocks), /Already approved by the release manager/);
      assert.match(wordsOf(shown.blocks), /checked by nobody/);
      assert.equal(await demo.overwritten(), BEFORE);
      await click(slack, { user: bob, message: shown, button: button(shown, 'approve') });
      await says(/You approved it/);
      await demo.says(/ran once, with the gateway/);
      assert.equal(await demo.overwritten(), AFTER);
      await card(/write_file/, /Robin \(you\) approved/, /It ran/);

      const signed = await card(/move_file/, /passkey/);
      assert.deepEqual(
        buttonsOf(signed.blocks).map(({ action_id }) => action_id),
        ['open'],
      );
      const page = new URL(String(button(signed, 'open')['url']));
      const request_id = page.pathname.split('/').at(-1) ?? '';
      assert.equal(page.origin, demo.url);
      await demo.says(/Press Enter to skip/);
      assert.equal(await demo.exists(TRASHED), false);
      const key = createAuthenticator(demo.url);
      const { challenge } = await robin.passkeys.askEnrol();
      await robin.passkeys.enrol({ name: 'Robin’s', ...key.create(challenge) });
      await demo.says(/confirmed it\./);
      const { action_digest, rendered_digest } = await robin.requests.show(request_id);
      const answer = { decision: 'approved', action_digest, rendered_digest } as const;
      const { document } = await robin.requests.askSignature(request_id, {
        ...answer,
        credential_id: key.credential_id,
      });
      const signature = key.get(encodeBase64Url(reviewChallenge(document)));
      await robin.requests.review(request_id, { ...answer, signature });
      await demo.says(/signature was checked again/);
      await card(/move_file/, /Robin \(you\) approved/, /It ran/);
      assert.deepEqual([await demo.exists(NOTE), await demo.exists(TRASHED)], [false, true]);

      await demo.says(/Approved by robin \(slack\)/);
      await demo.says(/Ctrl-C ends it/);
      assert.doesNotMatch(demo.said(), /broken|warning|error:/);
      const { report, reviews } = await demo.verifiedAfterItsEnd(3);
      assert.match(report, /1 review signed with a passkey/);
      assert.match(report, /Nothing found against it/);
      const counted = reviews.filter(({ decision, counted: is }) => decision === 'approved' && is);
      assert.deepEqual(
        counted.map(({ reviewer, channel, proof }) => [reviewer, channel, proof]),
        [
          ['olivia', 'cli', 'recent'],
          ['robin', 'slack', 'session'],
          ['robin', 'cli', 'passkey'],
        ],
      );
    });

    it('denied there with a reason, the agent is told it and the file is as it was', async () => {
      await open();
      await link();
      const shown = await card(/write_file/);
      await click(slack, { user: bob, message: shown, button: button(shown, 'deny') });
      await until('the dialog', () => slack.workspace.views.length > 0, PROCESS_MS);
      const [opened] = slack.workspace.views;
      assert.ok(opened);
      await submit(slack, { user: bob, opened, values: { reason: 'not on a Friday' } });
      await demo.says(/denied nothing ran\. .*not on a Friday/);
      await card(/write_file/, /Denied/, /not on a Friday/);
      assert.equal(await demo.overwritten(), BEFORE);
      await demo.says(/Press Enter to skip/);
      await card(/move_file/, /passkey/);
      demo.type('\n');
      await card(/move_file/, /Withdrawn/);
      await demo.says(/Nothing was approved, so nothing ran/);
      await demo.says(/Ctrl-C ends it/);
      const { reviews } = await demo.verifiedAfterItsEnd(2);
      assert.ok(
        reviews.some(
          ({ reviewer, channel, decision }) => [reviewer, channel, decision].join() === 'robin,slack,denied',
        ),
      );
    });
  });
