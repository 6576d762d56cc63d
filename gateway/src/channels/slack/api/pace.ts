/**
 * How fast each method may be called: Slack's published tiers, a second a message in one channel, and whatever a 429
 * said. What would wait long is refused with the time at once, so that nobody is kept waiting behind it (A19).
 */
import { tooFast } from './trouble.ts';

type Tier = { readonly per_minute: number; readonly burst: number };

/** Together at most the least Slack promises in a minute: 20, 50 and 100. */
const TIER = {
  2: { per_minute: 15, burst: 5 },
  3: { per_minute: 40, burst: 10 },
  4: { per_minute: 80, burst: 20 },
} as const;
/** “Generally one message per second per channel”, short bursts allowed. */
const IN_A_CHANNEL: Tier = { per_minute: 60, burst: 2 };
/** “Several hundred messages per minute” in all. */
const IN_ALL: Tier = { per_minute: 260, burst: 30 };

const TIERS: { readonly [method: string]: Tier } = {
  'chat.postMessage': IN_ALL,
  'chat.update': TIER[3],
  'chat.postEphemeral': TIER[4],
  'conversations.open': TIER[3],
  'conversations.history': TIER[3],
  'conversations.replies': TIER[3],
  'users.info': TIER[4],
  'usergroups.users.list': TIER[2],
  'views.open': TIER[4],
  'views.publish': TIER[4],
};

/** Waited for here; more is refused with the time. */
const PATIENCE_MS = 1_200;
const KEYS_MAX = 20_000;

export type Pace = {
  /** Resolves when the call may go out. `channel`: of a message. @throws SlackTrouble `ratelimited` when that is not soon */
  turn(method: string, channel?: string): Promise<void>;
  /** Slack said so. */
  hold(method: string, channel: string | undefined, for_ms: number): void;
};

export function createPace(now: () => number, sleep: (ms: number) => Promise<void>): Pace {
  /** When each would be idle again (GCRA). */
  const busy = new Map<string, number>();

  const keysOf = (method: string, channel: string | undefined): readonly (readonly [string, Tier])[] => {
    const tier = TIERS[method];
    return [
      ...(tier === undefined ? [] : [[method, tier] as const]),
      ...(method === 'chat.postMessage' && channel !== undefined
        ? [[`${method} ${channel}`, IN_A_CHANNEL] as const]
        : []),
    ];
  };

  const waitOf = (key: string, { per_minute, burst }: Tier): number =>
    Math.max(0, (busy.get(key) ?? 0) - (burst - 1) * (60_000 / per_minute) - now());

  const forget = (): void => {
    for (const [key, until] of busy) if (until <= now()) busy.delete(key);
  };

  return {
    async turn(method, channel) {
      if (busy.size >= KEYS_MAX) forget();
      const keys = keysOf(method, channel);
      const wait = Math.max(0, ...keys.map(([key, tier]) => waitOf(key, tier)));
      if (wait > PATIENCE_MS) throw tooFast(method, wait);
      for (const [key, { per_minute }] of keys)
        busy.set(key, Math.max(now(), busy.get(key) ?? 0) + 60_000 / per_minute);
      if (wait > 0) await sleep(wait);
    },
    hold(method, channel, for_ms) {
      // Slack does not say which of its limits it was: the channel’s, where there is one, is the tighter.
      const [key, tier] = keysOf(method, channel).at(-1) ?? [method, TIER[3]];
      busy.set(key, now() + for_ms + (tier.burst - 1) * (60_000 / tier.per_minute));
    },
  };
}
