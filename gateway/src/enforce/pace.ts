/**
 * How many calls an agent may make in a minute (I15). Refused before anything is read or decided, and for every call the
 * same way. A flood is on record once a minute, with how many it was: it must not fill the log it is kept in (A21).
 */
import type { Principal } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { createRateLimit } from '../limits/rate.ts';

export const WINDOW_MS = 60_000;
/** Remembered at once. The one that asked longest ago is forgotten first, which can only be generous to it. */
const AGENTS_MAX = 100_000;

type Window = { readonly until: number; refused: number };

/** Takes one call of this agent: 0, or the seconds it must wait. */
export type Pace = (principal: Principal, calls_per_minute: number) => number;

/** `ticks`: milliseconds of a clock nobody sets. */
export function createPace(deps: Pick<Deps, 'events' | 'store' | 'now' | 'log'>, ticks: () => number): Pace {
  const usual = { burst: 1, per_second: 1, keys_max: AGENTS_MAX };
  const limit = createRateLimit(usual, ticks);
  const windows = new Map<string, Window>();
  return (principal, calls_per_minute) => {
    const { agent } = principal;
    const wait_s = limit.take(agent, { burst: calls_per_minute, per_second: calls_per_minute / 60 });
    if (wait_s === 0) return 0;
    deps.events.callOverRate();
    const window = windows.get(agent);
    if (window !== undefined && ticks() < window.until) {
      window.refused += 1;
      return wait_s;
    }
    windows.delete(agent);
    const [oldest] = windows.size >= AGENTS_MAX ? windows.keys() : [];
    if (oldest !== undefined) windows.delete(oldest);
    windows.set(agent, { until: ticks() + WINDOW_MS, refused: 0 });
    void record(deps, { principal, calls_per_minute, refused_before: window?.refused ?? 0 });
    return wait_s;
  };
}

/** Nobody waits for it: what is refused stays refused, whether or not that can be recorded. */
async function record(
  { events, store, now, log }: Parameters<typeof createPace>[0],
  over: { principal: Principal; calls_per_minute: number; refused_before: number },
): Promise<void> {
  try {
    const event = events.overRate({ ...over, at: now() });
    const outcome = await store.commit({ name: 'over-rate', steps: [], entries: [event.entry] });
    if (outcome.ok) event.committed();
  } catch (error) {
    log.error(
      { agent: over.principal.agent, error: String(error) },
      'could not record that calls are refused',
    );
  }
}
