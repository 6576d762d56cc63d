/**
 * What happened, told in a card's thread, each thing once. What was told is written with it, as marks of the lines, so that
 * another gateway, or this one after a crash, goes on from there. Lines come and go between two drawings; each new one is
 * told when it is seen.
 */
import { createHash } from 'node:crypto';
import type { Card } from '../../channel.ts';
import type { SlackApi } from '../api/web.ts';
import { drawProgress } from '../draw/card.ts';
import { type Finder, PROGRESS_EVENT } from './found.ts';
import { createMemory } from './memory.ts';

export type Thread = {
  /** What a card shows when it is posted needs no telling: the marks of its lines, to be posted with it. */
  begun(card: Card, channel?: string): string;
  /** @throws SlackTrouble */
  tell(card: Card, at: { readonly channel: string; readonly ts: string }): Promise<void>;
};

export const QUIETLY = {
  unfurl_links: false,
  unfurl_media: false,
  parse: 'none',
  link_names: false,
} as const;

/** Marks of one card, within what metadata holds. */
const MARKS_MAX = 200;

export function createThread({
  api,
  finder,
}: {
  readonly api: Pick<SlackApi, 'call'>;
  readonly finder: Finder;
}): Thread {
  const known = createMemory<ReadonlySet<string>>();
  const keyOf = ({ id }: Card, channel: string): string => `${id} ${channel}`;
  return {
    begun(card, channel) {
      const marks = new Set(card.progress.map(markOf).slice(-MARKS_MAX));
      if (channel !== undefined) known.set(keyOf(card, channel), marks);
      return [...marks].join(' ');
    },
    async tell(card, { channel, ts }) {
      const key = keyOf(card, channel);
      const isNew = (told: ReadonlySet<string> | undefined): boolean =>
        card.progress.some((each) => told?.has(markOf(each)) !== true);
      if (!isNew(known.get(key))) return;
      // The thread knows: another gateway may have told it meanwhile. Where it may not be read, memory must do, or nothing.
      const told =
        (await finder.told(channel, ts, card.id)) ?? known.get(key) ?? new Set(card.progress.map(markOf));
      const lines = card.progress.filter((each) => !told.has(markOf(each)));
      const all = new Set([...told, ...lines.map(markOf)]);
      if (lines.length > 0)
        await api.call('chat.postMessage', {
          channel,
          thread_ts: ts,
          ...drawProgress(lines),
          ...QUIETLY,
          metadata: {
            event_type: PROGRESS_EVENT,
            event_payload: { card: card.id, told: lines.map(markOf).slice(-MARKS_MAX).join(' ') },
          },
        });
      known.set(key, all);
    },
  };
}

const markOf = (line: string): string => createHash('sha256').update(line).digest('hex').slice(0, 12);
