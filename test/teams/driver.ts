/** How the contract of every channel drives Teams: people of the counterpart, seeing and pressing what their clients draw. */
import { open } from '../../gateway/src/channels/teams/channel.ts';
import { type TeamsConfig, teamsSchema } from '../../gateway/src/channels/teams/config.ts';
import { APPROVE, DENY, VIEW } from '../../gateway/src/channels/teams/verbs.ts';
import type { Driver, SeenCard, Who } from '../../gateway/testing/driver.ts';
import { Clients } from './cloud/client.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import {
  buttonsOf,
  type Conversation,
  cardIn,
  type Json,
  type Message,
  type User,
  wordsOf,
} from './cloud/model.ts';
import { accountOf } from './rig.ts';

export type TeamsDriver = Driver & {
  readonly cloud: Cloud;
  readonly clients: Clients;
  readonly place: Conversation;
  readonly people: Readonly<Record<Who, User>>;
};

type Snapshot = { readonly message: Message; readonly card: Json };

export const configFor = ({ bot, endpoints }: Cloud, to: string): TeamsConfig =>
  teamsSchema.parse({
    app_id: bot.app_id,
    tenant: bot.tenant,
    client_secret: 'env:TEAMS_SECRET',
    to,
    endpoints,
  });

export async function startTeamsDriver(): Promise<TeamsDriver> {
  const cloud = await startCloud();
  // How fast one may post is looked at elsewhere; here it would only make every case slow.
  cloud.connector.limited = false;
  const clients = new Clients(cloud);
  const people: Readonly<Record<Who, User>> = {
    alice: cloud.user('alice'),
    bob: cloud.user('bob'),
    carol: cloud.user('carol'),
    stranger: cloud.user('stranger'),
    foreign: cloud.user('foreign', { role: 'guest' }),
  };
  const place = cloud.conversation('channel', Object.values(people));
  const snapshots = new WeakMap<SeenCard, Snapshot>();
  const account = (who: Who): string => accountOf(cloud, people[who]);
  return {
    cloud,
    clients,
    place,
    people,
    kind: 'teams',
    accounts: {
      alice: account('alice'),
      bob: account('bob'),
      carol: account('carol'),
      stranger: account('stranger'),
      foreign: account('foreign'),
    },
    clicks: true,
    open: (parts) => open(configFor(cloud, place.id), { ...parts, secret: () => cloud.bot.secret }),
    reachedAt(url) {
      clients.endpoint = url;
    },
    async seeCards(as) {
      const seen: SeenCard[] = [];
      for (const message of place.messages) {
        const card = await clients.view(people[as], message);
        if (card === undefined) continue;
        const one: SeenCard = { ref: message.id, text: wordsOf(card), buttons: pressable(card) };
        snapshots.set(one, { message, card });
        seen.push(one);
      }
      return seen;
    },
    async click(as, seen, { decision, reason }) {
      const snapshot = snapshots.get(seen);
      if (snapshot === undefined) throw new TypeError('no card that was seen here');
      const verb = decision === 'approved' ? APPROVE : DENY;
      const inputs = reason === undefined ? {} : { reason };
      const action = { verb, data: carriedBy(snapshot) };
      const { card, says } = await clients.press(people[as], snapshot.message, { action, inputs });
      if (clients.complaints.length > 0) throw new Error(clients.complaints.join('\n'));
      return card === undefined ? (says ?? '') : noteIn(card);
    },
    async write(as, seen, text) {
      const { message } = snapshots.get(seen) ?? {};
      await clients.say(people[as], { in: place, text: `<at>Countersign</at> ${text}` });
      await clients.say(people[as], { in: place, text, more: { replyToId: message?.id } });
      await clients.say(people[as], { in: cloud.connector.personal(people[as]), text });
    },
    async redeliver() {
      await clients.redeliver();
    },
    goDown: (how) => cloud.goDown(how),
    comeUp: () => cloud.comeUp(),
    loseNextAnswer: () => cloud.loseNextAnswer(),
    posts: () => cloud.connector.posts,
    sent: () => cloud.sent(),
    async close() {
      await cloud.close();
      if (cloud.connector.refused.length > 0)
        throw new Error(`Teams refused: ${cloud.connector.refused.join('; ')}`);
    },
  };
}

const VERBS: Readonly<Record<string, 'approved' | 'denied'>> = { [APPROVE]: 'approved', [DENY]: 'denied' };

const pressable = (card: Json): SeenCard['buttons'] =>
  buttonsOf(card).flatMap(({ action }) => {
    if (action['type'] === 'Action.OpenUrl') return ['link' as const];
    const pressed = VERBS[String(action['verb'])];
    return pressed === undefined ? [] : [pressed];
  });

/** What a button of this view carries; where it has none, what one would: the refresh names card and version. */
const carriedOnce = new Map<string, unknown>();
function carriedBy({ message, card }: Snapshot): unknown {
  const { action } = (card['refresh'] ?? {}) as { readonly action?: Json };
  const data = action?.['verb'] === VIEW ? action['data'] : carriedOnce.get(message.id);
  carriedOnce.set(message.id, data);
  return data ?? {};
}

/** What they alone were told stands in a frame of its own, above the card. */
function noteIn(card: Json): string {
  const [first] = (card['body'] ?? []) as readonly Json[];
  return first?.['style'] === 'accent' ? wordsOf(first) : '';
}

/** The base card of a message, as everybody sees it. */
export const baseOf = (message: Message): Json => cardIn(message.activity) ?? {};
