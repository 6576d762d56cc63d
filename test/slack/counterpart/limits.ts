/** Slack's rate limits: tiers by method and workspace, a message a second in a channel, and a workspace's several hundred a minute. */
const TIERS = { 1: 1, 2: 20, 3: 50, 4: 100, special: 300 } as const;
export type Tier = keyof typeof TIERS;

/** Short bursts in one channel. */
const BURST = 3;
const MINUTE_MS = 60_000;

export type Limits = {
  /** Seconds to wait; 0: take it. */
  take(of: {
    readonly method: string;
    readonly tier: Tier;
    readonly channel?: string | undefined;
    /** Only what was told to be refused is. */
    readonly unhurried?: boolean;
  }): number;
  /** Every call of it is refused for so long. */
  refuse(method: string, seconds: number, times?: number): void;
  refusals(): number;
};

export function createLimits(now: () => number): Limits {
  const calls = new Map<string, number[]>();
  const channels = new Map<string, { at: number; tokens: number }>();
  const told = new Map<string, { seconds: number; times: number }>();
  let refusals = 0;

  const inMethod = (method: string, most: number): number => {
    const recent = (calls.get(method) ?? []).filter((at) => at > now() - MINUTE_MS);
    calls.set(method, recent);
    const [oldest] = recent;
    // The first call of a tier 1 method has friends: a small burst is tolerated.
    if (recent.length < Math.max(most, 5) || oldest === undefined) return 0;
    return Math.ceil((oldest + MINUTE_MS - now()) / 1000);
  };

  const inChannel = (channel: string): number => {
    const held = channels.get(channel) ?? { at: now(), tokens: BURST };
    held.tokens = Math.min(BURST, held.tokens + (now() - held.at) / 1000);
    held.at = now();
    channels.set(channel, held);
    return held.tokens >= 1 ? 0 : 1;
  };

  return {
    take({ method, tier, channel, unhurried = false }) {
      const said = told.get(method);
      if (said !== undefined && said.times > 0) {
        said.times -= 1;
        refusals += 1;
        return said.seconds;
      }
      if (unhurried) return 0;
      const posting = method === 'chat.postMessage' && channel !== undefined;
      const wait = Math.max(inMethod(method, TIERS[tier]), posting ? inChannel(channel) : 0);
      if (wait > 0) {
        refusals += 1;
        return wait;
      }
      calls.get(method)?.push(now());
      const bucket = posting ? channels.get(channel) : undefined;
      if (bucket !== undefined) bucket.tokens -= 1;
      return 0;
    },
    refuse: (method, seconds, times = 1) => void told.set(method, { seconds, times }),
    refusals: () => refusals,
  };
}
