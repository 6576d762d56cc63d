/**
 * What stands at the moment, for whoever watches the gateway's numbers: of each channel, each place that is told, each limit.
 * Labels are of closed lists and of ids from the configuration; agents, people and requests never become one (I7).
 */
import type { Authority } from '../authority/authority.ts';
import type { Cards } from '../cards/cards.ts';
import type { Share } from '../limits/share.ts';
import { lately } from '../metrics/lately.ts';
import type { Metrics, Series } from '../metrics/metrics.ts';
import { namesOf, placeOf, type Told } from '../webhooks/endpoints.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

export function watchCards(cards: Pick<Cards, 'list' | 'aside'>, metrics: Metrics): void {
  const found = lately(() => cards.list(), []);
  type State = Awaited<ReturnType<Cards['list']>>[number];
  const told = (name: string, help: string, read: (state: State) => number): void =>
    metrics.observed({ name, help, labels: ['channel'] }, () =>
      found().map((state) => [{ channel: state.kind }, read(state)]),
    );
  told('countersign_channel_up', '1 while the channel works.', ({ health }) => Number(health.ok));
  told(
    'countersign_cards_waiting',
    'Cards that are to show something newer than they do.',
    ({ waiting }) => waiting,
  );
  told('countersign_cards_dead', 'Cards given up on until an operator has looked.', ({ dead }) => dead);
  const aside = lately(() => cards.aside(), { count: 0, oldest: [] });
  metrics.observed(
    {
      name: 'countersign_cards_set_aside',
      help: 'Requests no card can be made for; they are tried again, and wait in the inbox.',
    },
    () => aside().count,
  );
}

type Standing = {
  readonly waiting: number;
  readonly dead: number;
  readonly failing: boolean;
  readonly oldest_at: number | undefined;
};

type WatchedWebhooks = {
  readonly webhooks: Pick<Webhooks, 'list'>;
  readonly told: Told;
  readonly metrics: Metrics;
  readonly now: () => number;
};

/** Callbacks of all agents are one place: how many agents there are is nobody's bound. */
export function watchWebhooks({ webhooks, told: configured, metrics, now }: WatchedWebhooks): void {
  // With nobody to tell nothing is looked for.
  if (namesOf(configured).length === 0) return;
  const found = lately(async () => {
    const places = new Map<string, Standing>();
    for (const each of await webhooks.list()) {
      if (!each.configured) continue;
      const { name, waiting, dead, oldest_at, failing_since, gone_at } = each;
      const place = placeOf(name);
      const before = places.get(place) ?? { waiting: 0, dead: 0, failing: false, oldest_at: undefined };
      places.set(place, {
        waiting: before.waiting + waiting,
        dead: before.dead + dead,
        failing: before.failing || failing_since !== undefined || gone_at !== undefined,
        oldest_at: least(before.oldest_at, oldest_at),
      });
    }
    return places;
  }, new Map<string, Standing>());
  const told = (name: string, help: string, read: (standing: Standing) => number): void =>
    metrics.observed({ name, help, labels: ['place'] }, () =>
      [...found()].map(([place, standing]) => [{ place }, read(standing)]),
    );
  told('countersign_webhook_waiting', 'Notices that were not taken yet.', ({ waiting }) => waiting);
  told(
    'countersign_webhook_dead',
    'Notices that are not tried again until an operator replays them.',
    ({ dead }) => dead,
  );
  told(
    'countersign_webhook_failing',
    '1 while a place takes nothing, or said that it is gone.',
    ({ failing }) => Number(failing),
  );
  told(
    'countersign_webhook_oldest_waiting_seconds',
    'For how long the oldest notice that was not taken yet has waited.',
    ({ oldest_at }) => (oldest_at === undefined ? 0 : Math.max(0, (now() - oldest_at) / 1000)),
  );
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

export const watchPauses = (authority: Pick<Authority, 'current'>, metrics: Metrics): void =>
  metrics.observed(
    { name: 'countersign_agents_paused', help: 'Agents that are paused.' },
    () => authority.current().paused.size,
  );

type Sharing = { shares(): { readonly [limit: string]: Share } };

/** What is shared by all agents: how much is taken, of how much, and how often somebody found no place. */
export function watchLimits(protocols: readonly Sharing[], metrics: Metrics): void {
  const of = (name: string, help: string, read: 'total' | 'max' | 'refused'): void => {
    const series = (): Series[] =>
      protocols.flatMap(({ shares }) =>
        Object.entries(shares()).map(([limit, share]): Series => [{ limit }, share[read]]),
      );
    if (read === 'refused') metrics.counted({ name, help, labels: ['limit'] }, series);
    else metrics.observed({ name, help, labels: ['limit'] }, series);
  };
  of('countersign_limit_used', 'Places taken of a limit that all agents share.', 'total');
  of('countersign_limit_max', 'The limit, as configured.', 'max');
  of('countersign_limit_refused_total', 'How often somebody found no place under it.', 'refused');
}
