/** A channel nothing is between: what is posted lies there. Beside one under test it shows what the other delays. */
import type { Card, Channel, Notice } from '../src/channels/channel.ts';
import { eventually } from './until.ts';

export type Paper = {
  readonly channel: Channel;
  readonly cards: ReadonlyMap<string, Card>;
  /** What was posted where, in order. */
  readonly posted: readonly { readonly to: string; readonly card: Card }[];
  readonly said: readonly { readonly to: string; readonly notice: Notice }[];
  /** Once it has a card of this request. */
  shows(request_id: string): Promise<Card>;
  /** What comes before each post and update. */
  before: (card: Card) => void | Promise<void>;
};

export function openPaper(kind = 'paper'): Paper {
  const cards = new Map<string, Card>();
  const said: { to: string; notice: Notice }[] = [];
  const posted: { to: string; card: Card }[] = [];
  const channel: Channel = {
    kind,
    places: ['desk'],
    placeOf: (account) => (account.startsWith(`${kind}:`) ? account.slice(kind.length + 1) : undefined),
    async post(card, to) {
      await paper.before(card);
      posted.push({ to, card });
      cards.set(card.id, card);
      return card.id;
    },
    async update(card) {
      await paper.before(card);
      cards.set(card.id, card);
    },
    async say(notice, to) {
      said.push({ to, notice });
    },
    health: () => ({ ok: true, says: 'it is paper' }),
    close: async () => undefined,
  };
  const shows = (request_id: string): Promise<Card> =>
    eventually(
      () => `${request_id} on paper`,
      async () => [...cards.values()].find((card) => card.request_id === request_id),
    );
  const paper: Paper = { channel, cards, posted, said, shows, before: () => undefined };
  return paper;
}
