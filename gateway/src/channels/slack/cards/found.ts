/**
 * Finds again what this app posted, by the metadata it gave it: Slack has no other way to post once. Asked only when a post
 * may have happened before; one look at a channel answers for every card in it.
 */
import { isJsonObject, type Json, type JsonObject, member } from '@countersign/core';
import { SlackTrouble } from '../api/trouble.ts';
import type { SlackApi } from '../api/web.ts';

export const CARD_EVENT = 'countersign_card';
export const PROGRESS_EVENT = 'countersign_progress';

const PAGE = 200;
const PAGES_MAX = 5;
/** A look is good for so long: whoever posted and fell did so before. */
const FRESH_MS = 5_000;
const CHANNELS_MAX = 500;
/** Clocks of theirs and ours. */
const SKEW_MS = 120_000;

type Look = { readonly at: number; readonly since: number; readonly cards: ReadonlyMap<string, string> };

export type Finder = {
  /** The timestamp of this card in this channel; undefined when it is not there, or may not be looked for. */
  card(
    channel: string,
    sought: { readonly id: string; readonly opened_at: number },
  ): Promise<string | undefined>;
  /** Marks of what its thread was told; undefined when it may not be looked at. */
  told(channel: string, ts: string, id: string): Promise<ReadonlySet<string> | undefined>;
};

export type FinderParts = {
  readonly api: Pick<SlackApi, 'call'>;
  readonly app_id: string;
  readonly now: () => number;
  /** Said once: the app may not read where it posts. */
  readonly blind: () => void;
};

export function createFinder({ api, app_id, now, blind }: FinderParts): Finder {
  const looks = new Map<string, Look>();
  let told_blind = false;

  /** Undefined where the app may not read. Without it a crash may post a card twice; both copies answer for it. */
  const seeing = async <T>(look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (
        !(error instanceof SlackTrouble) ||
        !['missing_scope', 'no_permission', 'access_denied'].includes(error.code)
      )
        throw error;
      if (!told_blind) blind();
      told_blind = true;
      return undefined;
    }
  };

  const look = async (channel: string, since: number): Promise<Look> => {
    const held = looks.get(channel);
    if (held !== undefined && now() - held.at < FRESH_MS && held.since <= since) return held;
    const at = now();
    const cards = new Map<string, string>();
    let cursor = '';
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await api.call('conversations.history', {
        channel,
        include_all_metadata: true,
        oldest: String(Math.floor((since - SKEW_MS) / 1000)),
        limit: PAGE,
        ...(cursor === '' ? {} : { cursor }),
      });
      for (const message of messagesOf(answer)) {
        const { id } = ownMetadata(message, app_id, CARD_EVENT) ?? {};
        const ts = member(message, 'ts');
        if (id !== undefined && typeof ts === 'string') cards.set(id, ts);
      }
      cursor = nextOf(answer);
      if (cursor === '') break;
    }
    const found = { at, since, cards };
    if (looks.size >= CHANNELS_MAX) looks.clear();
    looks.set(channel, found);
    return found;
  };

  return {
    async card(channel, { id, opened_at }) {
      const found = await seeing(() => look(channel, opened_at));
      return found?.cards.get(id);
    },
    told: (channel, ts, id) =>
      seeing(async () => {
        const answer = await api.call('conversations.replies', {
          channel,
          ts,
          include_all_metadata: true,
          limit: PAGE,
        });
        const marks = messagesOf(answer).flatMap((message) => {
          const own =
            ownMetadata(message, app_id, CARD_EVENT) ?? ownMetadata(message, app_id, PROGRESS_EVENT);
          return own?.id === id ? own.told : [];
        });
        return new Set(marks);
      }),
  };
}

const messagesOf = (answer: JsonObject): readonly JsonObject[] => {
  const messages = member(answer, 'messages');
  return Array.isArray(messages) ? (messages as readonly Json[]).filter(isJsonObject) : [];
};

function nextOf(answer: JsonObject): string {
  const metadata = member(answer, 'response_metadata');
  const cursor = isJsonObject(metadata) ? member(metadata, 'next_cursor') : undefined;
  return typeof cursor === 'string' ? cursor : '';
}

/** Only of messages this app posted: anybody’s app can write the same metadata. */
function ownMetadata(
  message: JsonObject,
  app_id: string,
  event: string,
): { readonly id: string; readonly told: readonly string[] } | undefined {
  const metadata = member(message, 'metadata');
  if (appOf(message) !== app_id || !isJsonObject(metadata) || member(metadata, 'event_type') !== event)
    return undefined;
  const payload = member(metadata, 'event_payload');
  const id = isJsonObject(payload) ? member(payload, 'card') : undefined;
  const told = isJsonObject(payload) ? member(payload, 'told') : undefined;
  return typeof id === 'string' ? { id, told: typeof told === 'string' ? told.split(' ') : [] } : undefined;
}

function appOf(message: JsonObject): unknown {
  const profile = member(message, 'bot_profile');
  return member(message, 'app_id') ?? (isJsonObject(profile) ? member(profile, 'app_id') : undefined);
}
