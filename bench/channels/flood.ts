/**
 * A thousand cards within a minute, to twenty channels, at the rates Slack allows. Both sides go by one clock that jumps to
 * whatever is due next, so that minutes take seconds. Whatever is refused comes again when it was said to.
 */
import { ChannelTrouble } from '../../gateway/src/channels/channel.ts';
import { createPace } from '../../gateway/src/channels/slack/api/pace.ts';
import { createApi } from '../../gateway/src/channels/slack/api/web.ts';
import { createPlaces } from '../../gateway/src/channels/slack/cards/places.ts';
import { createPosts } from '../../gateway/src/channels/slack/cards/posts.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { startSlack } from '../../test/slack/counterpart/counterpart.ts';
import { CARD, peopled } from '../../test/slack/stage.ts';

const ROOMS = 20;
const MINUTE_MS = 60_000;

type Due = { readonly id: string; readonly room: string; readonly opened_at: number; due: number };

export async function flood(count: number) {
  let clock = Date.now();
  const now = (): number => clock;
  const slack = await startSlack({ transport: 'url', now });
  peopled(slack);
  const rooms = Array.from({ length: ROOMS }, (_, at) => `C0ROOM${String(at).padStart(3, '0')}`);
  for (const id of rooms)
    slack.workspace.channels.set(id, { id, members: new Set(['UBOT00001']), archived: false });
  const pace = createPace(now, async (ms) => {
    clock += ms;
  });
  const api = createApi({ ...slack, pace, now, way: DIRECT });
  const silent = (): void => undefined;
  const posts = createPosts({
    api,
    app_id: slack.app_id,
    places: createPlaces(api, now, undefined),
    door: { now, log: { info: silent, warn: silent, error: silent } },
  });
  const began = clock;
  const waiting: Due[] = Array.from({ length: count }, (_, at) => {
    const opened_at = began + Math.floor((at * MINUTE_MS) / count);
    return {
      id: `card-${String(at).padStart(18, '0')}`,
      room: rooms[at % ROOMS] ?? '',
      opened_at,
      due: opened_at,
    };
  });
  let waited = 0;
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.due - b.due);
    const [next] = waiting;
    if (next === undefined) break;
    clock = Math.max(clock, next.due);
    try {
      await posts.post({ ...CARD, id: next.id, opened_at: next.opened_at }, next.room, false);
      waiting.shift();
      waited = Math.max(waited, clock - next.opened_at);
    } catch (error) {
      if (!(error instanceof ChannelTrouble) || error.when === 'never') throw error;
      next.due = clock + (error.retry_after_ms ?? 1_000);
    }
  }
  const cards = slack.workspace.messages.map(({ metadata }) => JSON.stringify(metadata?.['event_payload']));
  await api.close();
  const refused = slack.limits.refusals();
  await slack.close();
  return {
    lost: count - new Set(cards).size + (cards.length - new Set(cards).size),
    waited_s: waited / 1_000,
    refused,
  };
}
