/** Token buckets by key, in bounded memory (I15). The oldest key is forgotten first, which can only be generous to it. */
export type RateLimit = {
  /** Takes one; answers 0, or the seconds to wait. */
  take(key: string): number;
};

export type Rate = { readonly burst: number; readonly per_second: number; readonly keys_max: number };

export function createRateLimit({ burst, per_second, keys_max }: Rate, now: () => number): RateLimit {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    take(key) {
      const at = now();
      const held = buckets.get(key) ?? { left: burst, at };
      const left = Math.min(burst, held.left + ((at - held.at) / 1000) * per_second);
      buckets.delete(key);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at });
      const [oldest] = buckets.keys();
      if (buckets.size > keys_max && oldest !== undefined) buckets.delete(oldest);
      return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / per_second));
    },
  };
}
