/** When what was not taken is tried again: the schedule Standard Webhooks suggests, three days and a bit, spread so that many do not come at once. */
const [S, M, H] = [1_000, 60_000, 3_600_000];
export const SCHEDULE_MS: readonly number[] = [
  5 * S,
  5 * M,
  30 * M,
  2 * H,
  5 * H,
  10 * H,
  14 * H,
  20 * H,
  24 * H,
];
const JITTER = 0.2;

/** Undefined: it was the last time. @param attempts how often it was tried, this time included */
export function waitAfter(
  attempts: number,
  { random, retry_after_ms = 0 }: { readonly random: number; readonly retry_after_ms?: number | undefined },
): number | undefined {
  const base = SCHEDULE_MS[attempts - 1];
  return base === undefined ? undefined : Math.max(Math.round(base * (1 + JITTER * random)), retry_after_ms);
}

/** How long a whole endpoint is left alone after so many failures in a row: then one notice tries, for all of them. */
export const restAfter = (failures: number): number => Math.min(1_000 * 2 ** Math.min(failures, 10), 5 * M);
