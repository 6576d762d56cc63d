/**
 * Cards in Slack: posted once, changed in place, with what happens told in their thread. A post that may have happened
 * before is looked for first; what a thread was told is written in the thread, so a crash between two calls repeats
 * nothing where the app may read.
 */
import { member } from '@countersign/core';
import type { Card, ChannelDoor, Notice, Posted } from '../../channel.ts';
import { SlackTrouble } from '../api/trouble.ts';
import type { SlackApi } from '../api/web.ts';
import { drawCard } from '../draw/card.ts';
import { drawSaid } from '../draw/views.ts';
import { CARD_EVENT, createFinder } from './found.ts';
import { createMemory } from './memory.ts';
import type { Places, Target } from './places.ts';
import { createThread, QUIETLY } from './thread.ts';

export type Posts = {
  post(card: Card, to: string, again?: boolean): Promise<Posted>;
  update(card: Card, posted: Posted): Promise<void>;
  say(notice: Notice, to: string): Promise<void>;
};

export type PostsParts = {
  readonly api: Pick<SlackApi, 'call'>;
  readonly app_id: string;
  readonly places: Places;
  readonly door: Pick<ChannelDoor, 'now' | 'log'>;
};

/** Older than this, another gateway may have tried and fallen. */
const YOUNG_MS = 5_000;
/** How long ago a notice may have been said that is now to be said. */
const SAID_AGAIN_MS = 24 * 3_600_000;

type Ref = { readonly channel: string; readonly ts: string; readonly mention?: string };

export function createPosts({ api, app_id, places, door }: PostsParts): Posts {
  const started_at = door.now();
  const finder = createFinder({
    api,
    app_id,
    now: door.now,
    blind: () =>
      door.log.warn(
        { channel: 'slack' },
        'the app may not read where it posts, so after a crash a card can appear twice; give it channels:history, groups:history, im:history',
      ),
  });
  const tried = createMemory<true>();
  const thread = createThread({ api, finder });

  const isNew = (card: Card): boolean =>
    card.opened_at >= started_at &&
    door.now() - card.opened_at < YOUNG_MS &&
    tried.get(card.id) === undefined;

  const postAt = async (card: Card, { channel, mention }: Target, fresh: boolean): Promise<Ref> => {
    const found = fresh ? undefined : await finder.card(channel, card);
    const at = (ts: string): Ref => ({ channel, ts, ...(mention === undefined ? {} : { mention }) });
    if (found !== undefined) {
      await updateAt(card, at(found));
      return at(found);
    }
    const { text, blocks } = drawCard(card, mention);
    const answer = await api.call('chat.postMessage', {
      channel,
      text,
      blocks,
      ...QUIETLY,
      metadata: { event_type: CARD_EVENT, event_payload: { card: card.id, told: thread.begun(card) } },
    });
    const ts = member(answer, 'ts');
    if (typeof ts !== 'string')
      throw new SlackTrouble('unclear', {
        message: 'chat.postMessage: no timestamp in Slack’s answer',
        when: 'unsure',
      });
    thread.begun(card, channel);
    return at(ts);
  };

  const updateAt = async (card: Card, { channel, ts, mention }: Ref): Promise<void> => {
    const { text, blocks } = drawCard(card, mention);
    try {
      await api.call('chat.update', { channel, ts, text, blocks, parse: 'none', link_names: false });
    } catch (error) {
      // Somebody deleted it: there is nothing left to change.
      if (!(error instanceof SlackTrouble) || error.code !== 'message_not_found') throw error;
      door.log.info({ channel: 'slack', request: card.request_id }, 'a card was deleted in Slack');
      return;
    }
    await thread.tell(card, { channel, ts });
  };

  return {
    async post(card, to, again) {
      const fresh = again === false ? tried.get(card.id) === undefined : isNew(card);
      const refs: Ref[] = [];
      for (const target of await places.of(to)) {
        try {
          refs.push(await postAt(card, target, fresh));
          tried.set(card.id, true);
        } catch (error) {
          throw partly(error, refs.length > 0, () => tried.set(card.id, true));
        }
      }
      return write(refs);
    },
    async say(notice, to) {
      for (const { channel } of await places.of(to)) {
        const { id } = notice;
        if ((await finder.card(channel, { id, opened_at: door.now() - SAID_AGAIN_MS })) !== undefined)
          continue;
        await api.call('chat.postMessage', {
          channel,
          ...drawSaid(notice),
          ...QUIETLY,
          metadata: { event_type: CARD_EVENT, event_payload: { card: id, told: '' } },
        });
      }
    },
    async update(card, posted) {
      for (const ref of read(posted)) await updateAt(card, ref);
    },
  };
}

/** What was posted to some of a group must be looked for next time, by whoever carries it then. */
function partly(error: unknown, some: boolean, maybe: () => void): unknown {
  if (!(error instanceof SlackTrouble)) return error;
  if (some || error.when === 'unsure') maybe();
  if (!some || error.when !== 'later') return error;
  const { code, message, retry_after_ms: after_ms } = error;
  return new SlackTrouble(code, { message, when: 'unsure', ...(after_ms === undefined ? {} : { after_ms }) });
}

const write = (refs: readonly Ref[]): Posted =>
  refs
    .map(({ channel, ts, mention }) => [channel, ts, ...(mention === undefined ? [] : [mention])].join(':'))
    .join(' ');

function read(posted: Posted): readonly Ref[] {
  return posted.split(' ').map((each) => {
    const [, channel, ts, mention] = /^([A-Z0-9]+):(\d+\.\d+)(?::(S[A-Z0-9]+))?$/.exec(each) ?? [];
    if (channel === undefined || ts === undefined)
      throw new SlackTrouble('place', { message: 'where the card was posted cannot be read', when: 'never' });
    return { channel, ts, ...(mention === undefined ? {} : { mention }) };
  });
}
