/**
 * How much of something one caller may take, so that none can starve the others (I15): calls over time here, places held
 * at once in `share.ts`. Nothing in this folder answers anybody or knows what it counts; asking it costs under a
 * microsecond, because every call does.
 */
export type RateLimit = {
  /** Takes one; answers 0, or the seconds to wait. What is refused costs nothing. `rate`: of this key, if not the usual. */
  take(key: string, rate?: Rate): number;
};

export type Rate = { readonly burst: number; readonly per_second: number };

/**
 * Token buckets by key, in bounded memory. The longest unused key is forgotten first, which can only be generous to it.
 * `now` is in milliseconds; where it goes back, nothing is refilled until it has caught up.
 */
export function createRateLimit(
  { keys_max, ...usual }: Rate & { readonly keys_max: number },
  now: () => number,
): RateLimit {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    take(key, { burst, per_second } = usual) {
      const held = buckets.get(key);
      const at = Math.max(now(), held?.at ?? 0);
      const refilled = held === undefined ? burst : held.left + ((at - held.at) / 1000) * per_second;
      const left = Math.min(burst, refilled);
      buckets.delete(key);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at });
      const [oldest] = buckets.size > keys_max ? buckets.keys() : [];
      if (oldest !== undefined) buckets.delete(oldest);
      return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / per_second));
    },
  };
}
