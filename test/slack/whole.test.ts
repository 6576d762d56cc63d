/** The whole gateway with a real upstream behind it and Slack’s counterpart beside it: an agent’s held call, decided there. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { until } from '../../gateway/testing/until.ts';
import { HELD, ranOf, type Yard } from '../gateway/yard.ts';
import { wordsOf } from './counterpart/block-kit.ts';
import type { Slack } from './counterpart/counterpart.ts';
import { buttonsOf, click, command, submit, wordsTo } from './counterpart/people.ts';
import type { Message, Obj } from './counterpart/workspace.ts';
import { PEOPLE, ROOM } from './stage.ts';
import { openSlackYard } from './yard.ts';

for (const transport of ['url', 'socket'] as const)
  describe(`an agent’s held call, decided in Slack (${transport})`, () => {
    let yard: Yard;
    let slack: Slack;

    async function open(): Promise<void> {
      ({ yard, slack } = await openSlackYard(transport, (text) => text.replace('300ms', '20s')));
      await yard.restart();
    }
    afterEach(async () => {
      await yard.close();
      await slack.close();
    });

    const card = async (): Promise<Message> => {
      await until('the card', () => slack.workspace.messages.length > 0);
      const [message] = slack.workspace.messages;
      assert.ok(message);
      return message;
    };
    const button = ({ blocks }: Message, id: string): Obj =>
      buttonsOf(blocks).find(({ action_id }) => action_id === id) ?? assert.fail(id);
    const shown = (): string => wordsOf(slack.workspace.messages[0]?.blocks);

    it('a click lets the waiting call through, once; the card and its thread say what became of it', async () => {
      await open();
      const agent = await yard.connect();
      const answer = agent.callTool({ name: HELD, arguments: {} });
      const message = await card();
      assert.match(shown(), new RegExp(HELD));
      assert.equal(ranOf(yard), 0);
      await click(slack, { user: PEOPLE.bob, message, button: button(message, 'approve') });
      const { isError, content } = await answer;
      assert.equal(isError ?? false, false);
      assert.ok(JSON.stringify(content).length > 2);
      assert.equal(ranOf(yard), 1);
      await until('told', () => wordsTo(slack, PEOPLE.bob) !== '');
      await until('the card says that it ran', () => /ran|succeeded|finished/i.test(shown()));
      assert.equal(buttonsOf(slack.workspace.messages[0]?.blocks ?? []).length, 1);
      await until('the thread says so', () =>
        slack.workspace.messages.some(({ thread_ts }) => thread_ts === message.ts),
      );
      await agent.close();
    });

    it('a denial with its reason ends the call, and nothing runs', async () => {
      await open();
      const agent = await yard.connect();
      const answer = agent.callTool({ name: HELD, arguments: {} });
      const message = await card();
      await click(slack, { user: PEOPLE.bob, message, button: button(message, 'deny') });
      await until('the dialog', () => slack.workspace.views.length === 1);
      const [opened] = slack.workspace.views;
      assert.ok(opened);
      await submit(slack, { user: PEOPLE.bob, opened, values: { reason: 'not on a Friday' } });
      const { isError, content } = await answer;
      assert.equal(isError, true);
      assert.match(JSON.stringify(content), /denied/i);
      assert.equal(ranOf(yard), 0);
      await until('the card says so', () => /Denied[\s\S]*not on a Friday/.test(shown()));
      await agent.close();
    });

    it('a test by an operator is a card nobody can answer', async () => {
      await open();
      const operator = await yard.house.signIn('alice');
      await operator.channels.test('slack');
      const message = await card();
      assert.match(shown(), /test/i);
      assert.deepEqual(
        buttonsOf(message.blocks).map(({ action_id }) => action_id),
        ['open'],
      );
      const { items } = await operator.channels.list();
      assert.equal(items.find(({ kind }) => kind === 'slack')?.ok, true);
    });

    it('who is nobody here is given a link that links nothing by itself, and answers nothing', async () => {
      await open();
      const agent = await yard.connect();
      const answer = agent.callTool({ name: HELD, arguments: {} });
      const message = await card();
      await click(slack, { user: PEOPLE.carol, message, button: button(message, 'approve') });
      await until('told', () => slack.workspace.ephemerals.length > 0);
      const [link] = buttonsOf(slack.workspace.ephemerals[0]?.blocks ?? []);
      assert.match(
        String(link?.['url']),
        new RegExp(`^http://localhost:${new URL(yard.house.gateway.url).port}/`),
      );
      await command(slack, { user: PEOPLE.bob, text: 'waiting', channel: ROOM });
      await until('bob’s list', () => /One request waits for you/.test(wordsTo(slack, PEOPLE.bob)));
      assert.equal(ranOf(yard), 0);
      await click(slack, { user: PEOPLE.bob, message, button: button(message, 'approve') });
      assert.equal((await answer).isError ?? false, false);
      await agent.close();
    });
  });
