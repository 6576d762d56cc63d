/**
 * Requests where people are: cards planned from the log, carried to channels, and answered through one door each. It holds
 * no authority: what an answer does is `requests`' to say, and a card that is never delivered leaves its request waiting (I14).
 */
import { eligibility, visible } from '@countersign/core';
import type { DeadCard } from '@countersign/sdk';
import type { Card, Channel, ChannelDoor, ChannelHealth } from '../channels/channel.ts';
import type { ChannelsConfig } from '../channels/config.ts';
import type { Deps } from '../deps.ts';
import { cardLines } from '../previews/card-lines.ts';
import { startRepeating } from '../repeat.ts';
import { loadCase } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import type { Requests } from '../requests/requests.ts';
import { detailOf } from '../requests/views/detail.ts';
import { likenessOf } from '../requests/views/inbox.ts';
import { sayDigests } from './attention/digest.ts';
import { othersLikeIt, standsFor } from './attention/fold.ts';
import { keptBack } from './attention/kept-back.ts';
import { cardOf, withoutApproval } from './card.ts';
import { type Dispatcher, type Drawn, startDispatcher } from './carrying/dispatch.ts';
import { withinTime } from './carrying/within-time.ts';
import { type Counts, countCards, deadCards, reviveCard } from './dead.ts';
import { doorOf } from './door.ts';
import { listAside, type SetAside } from './following/aside.ts';
import { type Follower, startFollower } from './following/follow.ts';
import { cardId } from './following/new-cards.ts';
import { forgetOldCards } from './forget.ts';
import { glassTold } from './glass.ts';
import type { Linking } from './linking.ts';
import { placesOf, type Reachable, type Told } from './plan.ts';
import type { CardRow } from './rows.ts';
import { tellingsOf } from './tellings.ts';

export type CardsDeps = {
  readonly deps: Deps;
  readonly requests: Requests;
  readonly config: ChannelsConfig;
  readonly linking: Linking;
  /** Runs forward, whatever becomes of the clock. */
  readonly elapsed?: () => number;
};

export type Cards = {
  /** Before there are channels: what each is opened with. */
  doorOf(kind: string): ChannelDoor;
  start(channels: readonly Channel[]): Promise<void>;
  /** Everything committed so far is planned for. */
  caughtUp(): Promise<void>;
  list(): Promise<readonly ChannelState[]>;
  /** Requests no card can be made for. */
  aside(): Promise<{ readonly count: number; readonly oldest: readonly SetAside[] }>;
  dead(page: { readonly limit: number; readonly after?: string }): Promise<readonly DeadCard[]>;
  /** False when there is no such dead card. */
  replay(id: string): Promise<boolean>;
  /** Posts a card that says it is a test, at each place of its own or at `place`. @throws ChannelTrouble */
  test(kind: string, place?: string): Promise<readonly string[] | undefined>;
  /** Text from elsewhere, as operators may read it (I7). */
  safe(text: string): string;
  close(): Promise<void>;
};
export type ChannelState = Counts & {
  readonly kind: string;
  readonly places: readonly string[];
  readonly health: ChannelHealth;
};

/** As whom a card is drawn: nobody, so that nothing is revealed. No person can be called this. */
const NOBODY = ':channels';
const DIGEST_EVERY_MS = 15_000;
const FORGET_EVERY_MS = 6 * 3_600_000;
const NONE: Counts = { waiting: 0, failing: 0, dead: 0 };

export function createCards({ deps, requests, config, linking, elapsed }: CardsDeps): Cards {
  const { store, log, now, public_url, masking } = deps;
  const open: { channels: readonly Channel[]; carriers: readonly Dispatcher[]; follower?: Follower } = {
    channels: [],
    carriers: [],
  };
  let stopRepeated: (() => Promise<unknown>) | undefined;

  const draw = async (row: CardRow, version: number): Promise<Drawn | undefined> => {
    const stored = await loadRequest(store, row.request_id);
    if (stored === undefined) return undefined;
    const detail = await detailOf(deps, stored, NOBODY);
    const { id, because } = row;
    const { answers_up_to } = config;
    const impact = await cardLines(deps, row.request_id);
    const card = cardOf({ id, version, detail, because, answers_up_to, public_url, impact });
    const others = othersLikeIt(await standsFor(store, row));
    const why = open.channels.find(({ kind }) => kind === row.channel)?.cannotShow?.(card);
    const all = { ...card, progress: [...card.progress, ...others] };
    return { card: why === undefined ? all : withoutApproval(all, why), detail };
  };
  const plan = (id: string): Promise<readonly Told[]> =>
    planOf(deps, id, { config, channels: open.channels });
  const safe = (text: string): string => visible(masking.text(text), { chars_max: 1_000 }).text;

  return {
    doorOf: (kind) => doorOf({ ...deps, requests, draw, linking }, kind),
    async start(channels) {
      open.channels = channels;
      if (channels.length === 0) return;
      const attending = { store, now, attention: config.attention };
      const carrying = {
        ...{ store, log, now, draw, safe },
        ...(elapsed === undefined ? {} : { elapsed }),
        keptBack: (row: CardRow, card: Card) => keptBack(attending, row, card),
      };
      const moved = (): void => {
        for (const carrier of open.carriers) carrier.wake();
      };
      // First what can fail: nobody would close what carries by then, and two that carry to one place fold nothing.
      open.follower = await startFollower({ store, log, now, plan, moved, safe });
      open.carriers = channels.map((channel) => startDispatcher({ ...carrying, channel }));
      stopRepeated = startRepeated(deps, { config, channels });
      moved();
    },
    caughtUp: async () => {
      await open.follower?.catchUp();
    },
    async list() {
      const counts = await countCards(store, now());
      return open.channels.map((channel) => ({
        kind: channel.kind,
        places: channel.places,
        health: healthOf(channel, safe),
        ...(counts.get(channel.kind) ?? NONE),
      }));
    },
    aside: () => listAside(store),
    dead: (page) => deadCards(store, page),
    async replay(id) {
      const revived = await reviveCard(store, id, now());
      for (const each of open.carriers) each.wake();
      return revived;
    },
    async test(kind, place) {
      const channel = open.channels.find((each) => each.kind === kind);
      if (channel === undefined) return undefined;
      const places = place === undefined ? channel.places.filter(isOnePlace) : [place];
      for (const to of places) await withinTime(channel, channel.post(testCard(now(), public_url), to));
      return places;
    },
    safe,
    async close() {
      await open.follower?.close();
      await stopRepeated?.();
      const carried = open.carriers.map((carrier) => carrier.close());
      await Promise.all(open.channels.map((channel) => channel.close()));
      await Promise.all(carried);
    },
  };
}

/** What is done by the clock. */
function startRepeated(deps: Deps, { config, channels }: Places): () => Promise<unknown> {
  const { store, log, now } = deps;
  const placed = (to: readonly string[]) => placesOf(to, { routes: [], channels, people: everybodyIn(deps) });
  const stops = [
    startRepeating({
      every_ms: DIGEST_EVERY_MS,
      run: () => sayDigests({ deps, channels, digests: config.attention.digest, placesOf: placed }),
      failed: (error) => log.warn({ error: String(error) }, 'a digest could not be made'),
    }),
    startRepeating({
      every_ms: FORGET_EVERY_MS,
      run: () => forgetOldCards(store, now),
      failed: (error) => log.warn({ error: String(error) }, 'old cards could not be forgotten'),
    }),
  ];
  return () => Promise.all(stops.map((stop) => stop()));
}

const isOnePlace = (place: string): boolean => place !== 'reviewers' && !place.startsWith('group:');

function healthOf(channel: Channel, safe: (text: string) => string): ChannelHealth {
  const health = channel.health();
  return { ...health, says: safe(health.says) };
}

type Places = { readonly config: ChannelsConfig; readonly channels: readonly Channel[] };

/** Of a request that is over only broken glass is told: nobody is told of what they could never answer. */
async function planOf(deps: Deps, id: string, { config, channels }: Places): Promise<readonly Told[]> {
  const stored = await loadRequest(deps.store, id);
  if (stored === undefined) return [];
  if (stored.request.status !== 'pending') return glassTold(deps, stored, channels);
  const { request, about, explanation } = stored;
  const asked = {
    upstream: request.upstream,
    env: about.env,
    agent: request.principal.agent,
    risk: request.risk,
    rules: explanation.deciding.map(({ rule }) => rule),
    requirement: request.requirement,
    opened_at: request.opened_at,
    expires_at: request.expires_at,
  };
  const { routes, attention } = config;
  const some = tellingsOf({
    asked,
    plan: { routes, channels, people: await reachable(deps, id) },
    everybody: everybodyIn(deps),
    attention,
    likeness: likenessOf(stored),
  });
  if (some.length === 0) deps.log.warn({ request_id: id }, 'no channel has a place for this request');
  return some;
}

const everybodyIn = ({ authority }: Deps): readonly Reachable[] =>
  [...authority.current().directory.people()].filter(({ active }) => active);

/** Who may answer it, now or when their stage comes. */
async function reachable(deps: Deps, id: string): Promise<readonly Reachable[]> {
  const stored = await loadRequest(deps.store, id);
  if (stored === undefined) return [];
  const authority = deps.authority.current();
  const theCase = await loadCase(deps, stored, { authority });
  const { directory } = authority;
  return [...directory.people()].flatMap((person): readonly Reachable[] => {
    const may = eligibility(person, theCase);
    if (!may.eligible) return may.why === 'later_stage' ? [person] : [];
    const absent = may.for?.flatMap((id) => directory.person(id)?.groups ?? []);
    return [absent === undefined ? person : { ...person, stands_in: absent }];
  });
}

/** Of a request that does not exist: a click on it finds nothing. */
function testCard(now: number, public_url: string): Card {
  return {
    id: cardId(now),
    version: 1,
    request_id: 'test',
    status: 'cancelled',
    sentence: 'A test from Countersign: nothing was asked for, and nothing waits.',
    risk: 'low',
    agent: 'countersign',
    upstream: 'none',
    env: 'none',
    action: 'test',
    resource: 'test',
    shown: [],
    impact: [],
    why: [],
    opened_at: now,
    expires_at: now,
    quorum: { met: false, filled: 0, needed: 0 },
    answers: [],
    progress: ['If you can read this, cards reach this place.'],
    offers: { kind: 'none' },
    link: `${public_url}/`,
    because: 'asked',
  };
}
