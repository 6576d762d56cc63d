/**
 * The product’s own channel against the counterpart, with a door that only notes what it was asked: for tests of what a
 * channel by itself must hold. The real door stands behind it in the contract suite.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Card, Channel, ChannelAnswer, ChannelDoor, Told } from '../../gateway/src/channels/channel.ts';
import { open } from '../../gateway/src/channels/teams/channel.ts';
import { teamsSchema } from '../../gateway/src/channels/teams/config.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { Clients } from './cloud/client.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import type { Conversation, Message, User } from './cloud/model.ts';

export const CARD: Card = {
  id: 'card-0123456789abcdef0123456789abcdef',
  version: 3,
  request_id: 'req_01',
  status: 'pending',
  sentence: 'Delete every row of orders in shop (prod)',
  risk: 'medium',
  agent: 'coder',
  owner: 'Alice',
  upstream: 'shop',
  env: 'prod',
  action: 'sql.delete',
  resource: 'orders',
  shown: ['{', '  "sql": "DELETE FROM orders"', '}'],
  impact: ['It has no WHERE: about 12,000 rows.'],
  claim: 'Cleaning up test data, as agreed.',
  why: [{ rule: 'unbounded-writes', about: 'DELETE without an effective WHERE' }],
  opened_at: Date.UTC(2026, 10, 21, 14, 0),
  expires_at: Date.UTC(2026, 10, 21, 15, 0),
  quorum: { met: false, filled: 0, needed: 1 },
  answers: [],
  progress: [],
  offers: { kind: 'answers' },
  link: 'https://gate.example/requests/req_01',
  because: 'asked',
};

export type Door = ChannelDoor & {
  card: Card | undefined;
  /** By account. */
  readonly people: Map<string, { readonly id: string; readonly name: string }>;
  readonly reviews: ChannelAnswer[];
  readonly linked: [string, string][];
  readonly logged: string[];
  told: Told;
  /** The store is gone. */
  broken: boolean;
  clock: () => number;
};

export function newDoor(): Door {
  const note = (level: string) => (fields: object, message: string) =>
    void door.logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const door: Door = {
    card: CARD,
    people: new Map(),
    reviews: [],
    linked: [],
    logged: [],
    told: { kind: 'recorded', says: 'Recorded: you approved.' },
    broken: false,
    clock: Date.now,
    personOf: (account) => door.people.get(account),
    async review(answer) {
      if (door.broken) throw new Error('the store is gone');
      door.reviews.push(answer);
      return door.told;
    },
    async cardFor(id, account) {
      const { card } = door;
      if (door.broken) throw new Error('the store is gone');
      if (card === undefined || card.id !== id) return undefined;
      if (door.people.has(account) || card.offers.kind === 'none') return card;
      return {
        ...card,
        offers: { kind: 'link', why: 'Your account here is linked to nobody in Countersign; link it first.' },
      };
    },
    waitingFor: async () => [],
    async linkPage(account, label) {
      door.linked.push([account, label]);
      return 'https://gate.example/link/one-time';
    },
    adopt: async () => undefined,
    now: () => door.clock(),
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    public_url: 'https://gate.example',
  };
  return door;
}

export type Rig = {
  readonly cloud: Cloud;
  readonly clients: Clients;
  readonly door: Door;
  readonly channel: Channel;
  readonly place: Conversation;
  /** Reviews; known here. */
  readonly bob: User;
  /** Of the tenant; nobody here knows them. */
  readonly stranger: User;
  readonly guest: User;
  /** The message the card was last posted as. */
  readonly message: () => Message;
  close(): Promise<void>;
};

export const accountOf = (cloud: Cloud, user: User): string => `entra:${cloud.bot.tenant}/${user.object_id}`;

export async function openRig(): Promise<Rig> {
  const cloud = await startCloud();
  const clients = new Clients(cloud);
  const door = newDoor();
  const [bob, stranger, guest] = [
    cloud.user('bob'),
    cloud.user('stranger'),
    cloud.user('guest', { role: 'guest' }),
  ];
  const place = cloud.conversation('channel', [bob, stranger, guest]);
  door.people.set(accountOf(cloud, bob), { id: 'bob', name: 'Bob' });
  const { app_id, tenant, secret } = cloud.bot;
  const config = teamsSchema.parse({
    app_id,
    tenant,
    client_secret: 'env:TEAMS_SECRET',
    to: place.id,
    endpoints: cloud.endpoints,
  });
  const channel = await open(config, { door, secret: () => secret, way: DIRECT });
  const server: Server = createServer((request, response) => channel.handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  clients.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/channels/teams`;
  return {
    cloud,
    clients,
    door,
    channel,
    place,
    bob,
    stranger,
    guest,
    message() {
      const last = place.messages.at(-1);
      if (last === undefined) throw new Error('nothing was posted');
      return last;
    },
    async close() {
      await channel.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await cloud.close();
    },
  };
}
