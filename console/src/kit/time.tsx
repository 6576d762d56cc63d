/** Times: relative to read, exact in the title; and what is left, counting. One clock drives them all. */
import { useSyncExternalStore } from 'react';
import { countdown, exactTime, relative } from '../words/time.ts';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Unix milliseconds, to the second, for the whole console at once. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

export function When({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {relative(at, useNow())}
    </time>
  );
}

export const Exactly = ({ at }: { readonly at: number }) => (
  <time dateTime={new Date(at).toISOString()}>{exactTime(at)}</time>
);

/** What is left until `until`; `over` once nothing is. */
export function Left({ until, over = 'over' }: { readonly until: number; readonly over?: string }) {
  const left = until - useNow();
  return (
    <time dateTime={new Date(until).toISOString()} title={exactTime(until)}>
      {left <= 0 ? over : countdown(left)}
    </time>
  );
}
