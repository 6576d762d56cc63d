/**
 * Time that never goes back: `max(system clock, last committed time)`. Expiry and ordering use it, so that a clock
 * set back cannot lengthen anything (A20).
 */
export type Clock = () => number;

export function createClock(system: Clock, floor_ms: number): Clock {
  let last = floor_ms;
  return () => {
    last = Math.max(last, system());
    return last;
  };
}
