/**
 * A gateway's inside with channels, for the contract every channel keeps: the real store, enforcement, requests, masking,
 * delivery and door, and a socket for what a service sends. Time is the machine's, as the counterparts' is; it can be put
 * forward. Nothing here is shipped.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject, Requirement, Risk } from '@countersign/core';
import { type Cards, type ChannelState, createCards } from '../src/cards/cards.ts';
import type { Linking } from '../src/cards/linking.ts';
import type { Channel } from '../src/channels/channel.ts';
import { type ChannelsConfig, channelsSchema } from '../src/channels/config.ts';
import { mountChannels } from '../src/channels/mount.ts';
import { type Config, configSchema } from '../src/config/config.ts';
import { createKnownSecrets } from '../src/masking/known/known.ts';
import { createMasking } from '../src/masking/masking.ts';
import { DIRECT } from '../src/outgoing/way.ts';
import type { Driver, SeenCard, Who } from './driver.ts';
import { createRig, held, KEY_HASH, policyOf, type Rig, SEAT } from './rig.ts';
import { eventually } from './until.ts';

export const KNOWN_SECRET = ['upstream', 'bearer', 'nobody', 'may', 'see'].join('-');

/** Tools by what they ask: one reviewer, two, a recent sign-in; at which risk. */
const TOOLS: { readonly [tool: string]: { readonly risk: Risk; readonly requirement: Requirement } } = {
  write: { risk: 'medium', requirement: SEAT },
  drop: { risk: 'critical', requirement: SEAT },
  pair: { risk: 'high', requirement: { ...SEAT, seats: [{ by: 'anyone', count: 2, proof: 'session' }] } },
  signed: { risk: 'high', requirement: { ...SEAT, seats: [{ by: 'anyone', count: 1, proof: 'recent' }] } },
};

export const peopleOf = ({ accounts }: Pick<Driver, 'accounts'>): Config =>
  configSchema.parse({
    people: {
      alice: { name: 'Alice', roles: ['operator', 'reviewer'], accounts: [accounts.alice] },
      bob: { name: 'Bob', roles: ['reviewer'], accounts: [accounts.bob] },
      carol: { name: 'Carol', roles: ['reviewer'], accounts: [accounts.carol] },
      dan: { name: 'Dan', roles: ['reviewer'] },
    },
    agents: { coder: { owner: 'alice', team: 'platform', keys: [KEY_HASH('a')], pending_max: 100 } },
  });

export type Reached = {
  readonly rig: Rig;
  readonly driver: Driver;
  readonly time: { skew: number };
  /** Where the service’s requests arrive. */
  readonly url: string;
  /** The agent calls; the request it is held on. */
  ask(tool: string, args?: JsonObject): Promise<string>;
  /** The one card of this request as this person sees it, once `when` holds for it. */
  card(request_id: string, as?: Who, when?: (card: SeenCard) => boolean): Promise<SeenCard>;
  status(request_id: string): Promise<string | undefined>;
  counted(request_id: string): Promise<readonly { readonly reviewer: string; readonly channel: string }[]>;
  /** Everything committed so far is planned for. */
  caughtUp(): Promise<void>;
  states(): Promise<readonly ChannelState[]>;
  /** Another gateway on the same store, with a channel of its own. */
  second(): Promise<void>;
  /** Stops everything but the service and the store, and starts it again; `meanwhile` it is down. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

/** Nobody is linked by these tests: it is tried where linking is. */
const NO_LINKING: Linking = {
  begin: async () => 'http://localhost:7070/link#none',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: 'code: none' }),
  adopt: async () => undefined,
};

/** Every request a card of its own, however alike. */
const APART = { attention: { together_from: 1000 } };

export type ReachedOptions = {
  readonly driver: Driver;
  /** Channels beside the one under test. */
  readonly others?: readonly Channel[];
  readonly config?: Partial<ChannelsConfig>;
};

export async function openReached({ driver, others = [], config = {} }: ReachedOptions): Promise<Reached> {
  const time = {
    skew: 0,
    get now() {
      return Date.now() + time.skew;
    },
  };
  const masking = createMasking(createKnownSecrets([{ value: KNOWN_SECRET, label: 'upstream-bearer' }]));
  const rules = Object.fromEntries(
    Object.entries(TOOLS).map(([tool, rule]) => [tool, { then: 'require' as const, ...rule }]),
  );
  const rig = await createRig(policyOf(rules), { config: peopleOf(driver), time, masking });
  const socket = await listening();
  const url = `http://127.0.0.1:${socket.port}/channels/${driver.kind}`;
  driver.reachedAt(url);
  const begin = (beside: readonly Channel[]): Promise<Begun> =>
    beginOn(rig, driver, { beside, config: { ...channelsSchema.parse(APART), ...config } });
  let { cards, channel } = await begin(others);
  socket.to = [channel];
  const more: Cards[] = [];
  const markers = new Map<string, string>();
  let asked = 0;
  return {
    rig,
    driver,
    time,
    url,
    ...looking(rig, driver, markers),
    async ask(tool, args = {}) {
      // Every request writes to a path of its own, so that its card is told from others by what it shows.
      asked += 1;
      const path = `/srv/case-${asked}.txt`;
      const { id } = held(await rig.call(tool, { path, ...args }));
      markers.set(id, path);
      return id;
    },
    caughtUp: () => cards.caughtUp(),
    states: () => cards.list(),
    async second() {
      const another = await begin([]);
      socket.to = [...socket.to, another.channel];
      more.push(another.cards);
    },
    async restart(meanwhile) {
      await cards.close();
      socket.to = [];
      await meanwhile?.();
      ({ cards, channel } = await begin([]));
      socket.to = [channel];
    },
    async close() {
      await Promise.all([cards.close(), ...more.map((each) => each.close())]);
      await driver.close();
      await socket.close();
      await rig.close();
    },
  };
}

/** What a service sends, to whichever channels are open now. */
async function listening() {
  const socket: { to: readonly Channel[]; port: number; close(): Promise<void> } = {
    to: [],
    port: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    if (!mountChannels(socket.to).handle(request, response)) response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  socket.port = (server.address() as AddressInfo).port;
  return socket;
}

type Begun = { readonly cards: Cards; readonly channel: Channel };
type Beginning = { readonly beside: readonly Channel[]; readonly config: ChannelsConfig };

async function beginOn(
  { deps, requests }: Rig,
  driver: Driver,
  { beside, config }: Beginning,
): Promise<Begun> {
  const cards = createCards({ deps, requests, config, linking: NO_LINKING });
  const channel = await driver.open({
    door: cards.doorOf(driver.kind),
    secret: (_, field) => assert.fail(`${field}: a driver has its own secrets`),
    way: DIRECT,
  });
  assert.equal(channel.kind, driver.kind);
  await cards.start([channel, ...beside]);
  return { cards, channel };
}

type Looking = Pick<Reached, 'card' | 'status' | 'counted'>;

const looking = (
  { requests, store }: Rig,
  driver: Driver,
  markers: ReadonlyMap<string, string>,
): Looking => ({
  async card(request_id, as = 'bob', when = () => true) {
    let seen: readonly SeenCard[] = [];
    const marker = markers.get(request_id) ?? request_id;
    return eventually(
      () => `a card of ${request_id} for ${as} as expected; seen: ${JSON.stringify(seen)}`,
      async () => {
        seen = (await driver.seeCards(as)).filter(({ text }) => text.includes(marker));
        return seen.find(when);
      },
    );
  },
  status: async (id) => (await requests.show(id, 'dan'))?.status,
  async counted(id) {
    const sql = 'SELECT reviewer, channel FROM reviews WHERE request_id = $1 ORDER BY id';
    const rows = await store.read({ sql, params: [id] });
    return rows.map((row) => ({ reviewer: String(row['reviewer']), channel: String(row['channel']) }));
  },
});
