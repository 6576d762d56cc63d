/** How the contract of every channel drives Slack: people of the counterpart, seeing and pressing what it draws for them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from '../../gateway/src/channels/channel.ts';
import type { Driver, SeenCard, Who } from '../../gateway/src/channels/contract.ts';
import { openSlack } from '../../gateway/src/channels/slack/slack.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { until } from '../../gateway/testing/until.ts';
import { wordsOf } from './counterpart/block-kit.ts';
import { type Slack, startSlack } from './counterpart/counterpart.ts';
import { buttonsOf, click, command, event, submit, wordsTo } from './counterpart/people.ts';
import type { Message, Obj, User } from './counterpart/workspace.ts';
import { configOf, PEOPLE, peopled, ROOM, secretOf } from './stage.ts';

const WHO: { readonly [W in Who]: User } = PEOPLE;
const account = (who: Who): string => `slack:${WHO[who].team_id}/${WHO[who].id}`.toLowerCase();
const PRESSES = { approve: 'approved', deny: 'denied', open: 'link' } as const;
const TOLD_MS_MAX = 5_000;

/** With the counterpart itself, for what a driver does not tell. */
export type SlackDriver = Driver & { readonly slack: Slack };

export async function startSlackDriver(transport: 'socket' | 'url'): Promise<SlackDriver> {
  const slack = await startSlack({ transport, unhurried: true });
  peopled(slack);
  const snapshots = new WeakMap<SeenCard, Message>();
  return {
    slack,
    kind: 'slack',
    accounts: {
      alice: account('alice'),
      bob: account('bob'),
      carol: account('carol'),
      stranger: account('stranger'),
      foreign: account('foreign'),
    },
    clicks: true,
    open: (parts) => openAt(slack, transport, parts),
    reachedAt: (url) => slack.reachedAt(url),
    async seeCards() {
      return cardsIn(slack).map((message) => {
        const seen: SeenCard = {
          ref: message.ts,
          text: wordsOf(message.blocks),
          buttons: pressable(message),
        };
        snapshots.set(seen, message);
        return seen;
      });
    },
    async click(as, card, press) {
      const message = snapshots.get(card);
      if (message === undefined) throw new TypeError('no card that was seen here');
      return pressed(slack, { user: WHO[as], message, press });
    },
    async write(as, card, text) {
      const message = snapshots.get(card);
      const said = { type: 'message', user: WHO[as].id, text, ts: slack.workspace.ts() };
      const { channel = ROOM, ts } = message ?? {};
      await event(slack, { ...said, channel, channel_type: 'channel' });
      await event(slack, { ...said, channel, channel_type: 'channel', thread_ts: ts });
      await event(slack, { ...said, channel: slack.workspace.direct(WHO[as].id).id, channel_type: 'im' });
      await event(slack, { ...said, type: 'app_mention', channel, text: `<@UBOT00001> ${text}` });
      const item = { type: 'message', channel, ts };
      await event(slack, { type: 'reaction_added', user: WHO[as].id, reaction: 'white_check_mark', item });
      await command(slack, { user: WHO[as], text, channel });
    },
    async redeliver() {
      await slack.delivery.again();
    },
    goDown: (how) => slack.down(how),
    comeUp: () => slack.down(undefined),
    loseNextAnswer: () => slack.loseNextAnswer('chat.postMessage'),
    posts: () => cardsIn(slack).length,
    sent: () => slack.sent(),
    close: () => slack.close(),
  };
}

async function openAt(
  slack: Slack,
  transport: 'socket' | 'url',
  { door }: Parameters<Driver['open']>[0],
): Promise<Channel> {
  const channel = await openSlack(configOf(slack, { transport }), {
    door,
    secret: secretOf(slack),
    way: DIRECT,
  });
  if (transport === 'socket') await until('connected', () => channel.health().ok);
  return channel;
}

const cardsIn = ({ workspace }: Slack): readonly Message[] =>
  workspace.messages.filter(({ thread_ts, channel }) => thread_ts === undefined && channel === ROOM);

const pressable = ({ blocks }: Message): SeenCard['buttons'] =>
  buttonsOf(blocks).flatMap(({ action_id }) =>
    Object.entries(PRESSES).flatMap(([id, press]) => (id === action_id ? [press] : [])),
  );

type Press = Parameters<Driver['click']>[2];

async function pressed(
  slack: Slack,
  { user, message, press }: { readonly user: User; readonly message: Message; readonly press: Press },
): Promise<string> {
  const before = wordsTo(slack, user);
  const views = slack.workspace.views.length;
  const told = (): boolean => wordsTo(slack, user) !== before;
  const id = press.decision === 'approved' ? 'approve' : 'deny';
  await click(slack, { user, message, button: buttonOf(message, id) });
  if (press.decision === 'denied') {
    await within(TOLD_MS_MAX, () => slack.workspace.views.length > views || told());
    const opened = slack.workspace.views[views];
    if (opened !== undefined) await submit(slack, { user, opened, values: { reason: press.reason ?? null } });
  }
  await within(TOLD_MS_MAX, told);
  return wordsTo(slack, user).slice(before.length).trim();
}

/** As drawn; where it was not, what it would have carried. */
function buttonOf({ blocks, metadata }: Message, id: string): Obj {
  const drawn = buttonsOf(blocks).find(({ action_id }) => action_id === id);
  if (drawn !== undefined) return drawn;
  const { card } = (metadata?.['event_payload'] ?? {}) as { readonly card?: string };
  const [version] = blocks.flatMap(({ block_id }) => /^answer\.(\d+)$/.exec(String(block_id))?.[1] ?? []);
  return { type: 'button', action_id: id, value: `${card}.${version}` };
}

async function within(ms: number, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + ms;
  while (!holds() && Date.now() < deadline) await delay(10);
}
