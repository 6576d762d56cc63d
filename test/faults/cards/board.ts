/**
 * A chat service that outlives the gateway: what is pinned there is on disk at once. It keeps the contract of a service that can be
 * asked what stands there: a card it has already is found again, not pinned twice.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Card, type Channel, ChannelTrouble } from '../../../gateway/src/channels/channel.ts';

export const KIND = 'board';
export const ACCOUNT = { bob: `${KIND}:bob`, carol: `${KIND}:carol` } as const;

export type Pin = { readonly card: Card; readonly place: string; readonly pinned: number };
export type Board = {
  readonly channel: Channel;
  pins(): readonly Pin[];
  /** The wall takes nothing until it is mended. */
  mend(): void;
  pinOf(request_id: string, place?: string): Pin | undefined;
};

export function openBoard(dir: string): Board {
  const file = path.join(dir, 'board.json');
  let mended = false;
  const read = (): { readonly [id: string]: Pin } =>
    existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { [id: string]: Pin }) : {};
  const put = (pin: Pin): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ ...read(), [pin.card.id]: pin }));
    renameSync(`${file}.new`, file);
  };
  const channel: Channel = {
    kind: KIND,
    places: ['hall', 'wall'],
    async post(card, place) {
      if (place === 'wall' && !mended) throw new ChannelTrouble('There is no nail in the wall.', 'never');
      const there = read()[card.id];
      put({ card, place, pinned: (there?.pinned ?? 0) + (there === undefined ? 1 : 0) });
      return card.id;
    },
    async update(card, posted) {
      const there = read()[posted];
      if (there === undefined) throw new ChannelTrouble('It was taken down.', 'never');
      put({ ...there, card });
    },
    health: () => ({ ok: true, says: 'it hangs' }),
    close: async () => undefined,
  };
  const pins = (): readonly Pin[] => Object.values(read());
  return {
    channel,
    pins,
    mend: () => {
      mended = true;
    },
    pinOf: (request_id, place = 'hall') =>
      pins().find((pin) => pin.place === place && pin.card.request_id === request_id),
  };
}
