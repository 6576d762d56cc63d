import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { until } from '../../gateway/testing/until.ts';
import { viewFaults, wordsOf } from './counterpart/block-kit.ts';
import { buttonsOf, command, openHome } from './counterpart/people.ts';
import type { User } from './counterpart/workspace.ts';
import { CARD, openStage, PEOPLE, ROOM, type Stage } from './stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
async function posted(): Promise<Stage> {
  stage = await openStage();
  return stage;
}

it('App Home is the inbox of who is known, an invitation to link for who is not, and nothing for others', async () => {
  const at = await posted();
  at.behind.waiting = [
    {
      request_id: 'req_1',
      sentence: CARD.sentence,
      risk: 'high',
      agent: 'coder',
      upstream: 'billing',
      env: 'prod',
      opened_at: CARD.opened_at,
      expires_at: CARD.expires_at,
      link: CARD.link,
      eligibility: { eligible: true },
    },
  ];
  const { homes } = at.slack.workspace;
  for (const user of [PEOPLE.bob, PEOPLE.stranger, PEOPLE.guest, PEOPLE.foreign])
    await openHome(at.slack, user);
  await until('drawn', () => homes.size === 3);
  const words = (user: User): string => wordsOf(homes.get(user.id)?.['blocks']);
  assert.match(words(PEOPLE.bob), /One request waits for you[\s\S]*Delete 1,204 rows/);
  assert.match(words(PEOPLE.stranger), /nobody’s here yet/);
  assert.doesNotMatch(words(PEOPLE.stranger), /Delete/);
  assert.match(words(PEOPLE.guest), /Guests may not/);
  assert.equal(homes.has(PEOPLE.foreign.id), false);
  for (const view of homes.values()) assert.deepEqual(viewFaults(view), []);
});

it('/countersign says what waits, links, and helps', async () => {
  const at = await posted();
  const { bob, stranger } = PEOPLE;
  const say = async (user: User, text: string): Promise<string> => {
    const before = at.slack.workspace.ephemerals.length;
    await command(at.slack, { user, text, channel: ROOM });
    await until('answered', () => at.slack.workspace.ephemerals.length > before);
    return wordsOf(at.slack.workspace.ephemerals.at(-1)?.blocks);
  };
  assert.match(await say(bob, ''), /Nothing waits for you/);
  assert.match(await say(bob, 'waiting'), /Nothing waits for you/);
  assert.match(await say(bob, 'link'), /already bob’s/);
  assert.match(await say(stranger, 'waiting'), /Link this Slack account first/);
  assert.match(await say(stranger, ' LINK '), /Sign in and confirm/);
  assert.match(await say(stranger, 'help'), /\/countersign waiting/);
});

it('the button in App Home opens the link in a dialog of theirs', async () => {
  const at = await posted();
  await openHome(at.slack, PEOPLE.stranger);
  await until('drawn', () => at.slack.workspace.homes.size === 1);
  const [button] = buttonsOf([at.slack.workspace.homes.get(PEOPLE.stranger.id) ?? {}]);
  assert.ok(button);
  await at.slack.delivery.deliver('interactive', {
    type: 'block_actions',
    user: { id: PEOPLE.stranger.id, team_id: 'T0EXAMPLE' },
    api_app_id: at.slack.app_id,
    team: { id: 'T0EXAMPLE' },
    enterprise: null,
    container: { type: 'view', view_id: 'V1' },
    trigger_id: at.slack.triggerFor(PEOPLE.stranger.id),
    actions: [{ ...button, type: 'button' }],
  });
  await until('the dialog', () => at.slack.workspace.views.length === 1);
  assert.match(
    JSON.stringify(at.slack.workspace.views[0]?.view),
    /gate\.example\.com\/link\/slack%3At0example%2Fu0strange/,
  );
});
