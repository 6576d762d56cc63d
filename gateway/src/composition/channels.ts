/** Channels and what is carried to them, put together: the doors they are opened with, and cards for them. Nothing here decides. */

import type { Channels } from '../api/ports.ts';
import type { Changes } from '../authority/changes.ts';
import { type Cards, createCards } from '../cards/cards.ts';
import { createLinking, type Linking } from '../cards/linking.ts';
import { ChannelTrouble } from '../channels/channel.ts';
import type { Config } from '../config/config.ts';
import type { Deps } from '../deps.ts';
import { createRosterChanges } from '../identity/roster/changes.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { toLink } from '../operations/links/may.ts';
import type { Requests } from '../requests/requests.ts';
import type { Operating } from './operating.ts';
import { watchCards } from './watched.ts';

export type Reaching = { readonly cards: Cards; readonly linking: Linking };

export type ReachingParts = {
  readonly deps: Deps;
  readonly requests: Requests;
  readonly config: Config;
  readonly operating: Pick<Operating, 'accounts'>;
  readonly changes: Changes;
  readonly metrics: Metrics;
};

export function openReaching({
  deps,
  requests,
  config,
  operating,
  changes,
  metrics,
}: ReachingParts): Reaching {
  const { now } = deps;
  const linking = createLinking({
    ...deps,
    accounts: operating.accounts,
    people: createRosterChanges({ changes, now }),
    adopts: (channel) => adopts(config.channels, channel),
    mayLink: toLink,
  });
  const cards = createCards({ deps, requests, config: config.channels, linking });
  watchCards(cards, metrics);
  return { linking, cards };
}

function adopts(channels: object, kind: string): boolean {
  const own: unknown = Object.hasOwn(channels, kind) ? Reflect.get(channels, kind) : undefined;
  return typeof own === 'object' && own !== null && Reflect.get(own, 'accounts') === 'email';
}

/** What operators see and do of channels, and people of their accounts there. */
export const channelsFor = (cards: Cards, linking: Linking): Channels => ({
  async list() {
    const [all, set_aside] = await Promise.all([cards.list(), cards.aside()]);
    return { items: all.map(({ health, ...state }) => ({ ...state, ...health })), set_aside };
  },
  async dead({ limit, cursor }) {
    const items = await cards.dead({ limit: limit + 1, ...(cursor === undefined ? {} : { after: cursor }) });
    const last = items.length > limit ? items[limit - 1] : undefined;
    return { items: items.slice(0, limit), ...(last === undefined ? {} : { next_cursor: last.id }) };
  },
  async replay(id) {
    if (await cards.replay(id)) return { kind: 'done' };
    return { kind: 'refused', why: 'unknown', message: 'id: no card of this id was given up on' };
  },
  async test(kind, place) {
    try {
      const places = await cards.test(kind, place);
      return places === undefined ? undefined : { places };
    } catch (error) {
      if (!(error instanceof ChannelTrouble)) throw error;
      return { places: [], trouble: cards.safe(error.message) };
    }
  },
  lookAtLink: (code) => linking.look(code),
  confirmLink: (code, by) => linking.confirm(code, by),
});
