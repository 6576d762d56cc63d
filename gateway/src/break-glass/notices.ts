/**
 * Who hears, in this process, that glass was broken, acknowledged or closed: open pages and terminals. A hint, after the
 * commit that made it so; who must not miss one looks in the store, and channels follow the log (cards/glass.ts). It
 * decides nothing, and a listener that fails takes nothing back.
 */
import type { GlassNotice } from '@countersign/sdk';

export type Notify = (notice: GlassNotice) => void;

export type Notices = {
  /** Tells everyone who listens. Never throws. */
  readonly notify: Notify;
  /** Returns the function that stops it. */
  listen(listener: Notify): () => void;
};

export function createNotices(failed: (error: unknown) => void): Notices {
  const listeners = new Set<Notify>();
  return {
    notify(notice) {
      for (const listener of [...listeners]) {
        try {
          listener(notice);
        } catch (error) {
          failed(error);
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
