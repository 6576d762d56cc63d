/**
 * Who waits for a request to change, in this process. Nothing is decided here: a waiter that misses a change looks in
 * the store. Published only after the commit that made the change.
 */
import type { RequestStatus } from '@countersign/core';
import type { RequestChange } from '@countersign/sdk';

export type RequestBus = {
  publish(change: RequestChange): void;
  subscribe(listener: (change: RequestChange) => void): () => void;
  /** The status once it is no longer pending; undefined when the signal aborts first. */
  settled(request_id: string, signal: AbortSignal): Promise<RequestStatus | undefined>;
  waiting(): number;
};

type Waiter = (status: RequestStatus) => void;

export function createRequestBus(): RequestBus {
  const listeners = new Set<(change: RequestChange) => void>();
  const waiters = new Map<string, Set<Waiter>>();

  const settled = (request_id: string, signal: AbortSignal): Promise<RequestStatus | undefined> =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve(undefined);
        return;
      }
      const mine = waiters.get(request_id) ?? new Set<Waiter>();
      waiters.set(request_id, mine);
      const leave = (): void => {
        mine.delete(waiter);
        if (mine.size === 0 && waiters.get(request_id) === mine) waiters.delete(request_id);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        resolve(undefined);
      };
      const waiter: Waiter = (status) => {
        leave();
        resolve(status);
      };
      mine.add(waiter);
      signal.addEventListener('abort', onAbort);
    });

  return {
    publish(change) {
      for (const listener of [...listeners]) listener(change);
      if (change.status === 'pending') return;
      for (const waiter of [...(waiters.get(change.request_id) ?? [])]) waiter(change.status);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled,
    waiting: () => [...waiters.values()].reduce((sum, set) => sum + set.size, 0),
  };
}
