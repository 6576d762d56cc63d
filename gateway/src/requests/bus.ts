/**
 * Who waits for a request to change, in this process. Nothing is decided here: a waiter that misses a change looks in
 * the store. Published only after the commit that made the change.
 */
import type { RequestChange } from '@countersign/sdk';

export type RequestBus = {
  publish(change: RequestChange): void;
  subscribe(listener: (change: RequestChange) => void): () => void;
  /** Calls back when it is no longer pending, until the function that comes back is called. */
  onSettled(request_id: string, listener: () => void): () => void;
  waiting(): number;
  /** What is waited for. */
  awaited(): readonly string[];
};

export function createRequestBus(): RequestBus {
  const listeners = new Set<(change: RequestChange) => void>();
  // Nearly always one waits for one: an array weighs a quarter of a set.
  const waiters = new Map<string, readonly (() => void)[]>();

  return {
    publish(change) {
      for (const listener of [...listeners]) listener(change);
      if (change.status === 'pending') return;
      for (const waiter of waiters.get(change.request_id) ?? []) waiter();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onSettled(request_id, listener) {
      waiters.set(request_id, [...(waiters.get(request_id) ?? []), listener]);
      return () => {
        const left = (waiters.get(request_id) ?? []).filter((each) => each !== listener);
        if (left.length > 0) waiters.set(request_id, left);
        else waiters.delete(request_id);
      };
    },
    awaited: () => [...waiters.keys()],
    waiting: () => [...waiters.values()].reduce((sum, each) => sum + each.length, 0),
  };
}
