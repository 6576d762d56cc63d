/**
 * Keeps the port's word on erasure. `secure_delete` overwrites what a transaction takes out of the file, but the
 * write-ahead log beside it still holds the pages as they were: it is moved into the file and cut to nothing. A reader
 * of an older state (a backup under way) holds that up; then it is tried again until it is done.
 */
import type { Command } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Answer } from './threads/messages.ts';

const AGAIN_AFTER_MS = 1000;

export type Scrubber = {
  /** Before these are acknowledged. @throws Error when the file could not be written: the store must stop */
  after(commands: readonly Command[], answers: readonly Answer[]): void;
  /** Something is still to be scrubbed: it will be tried again, with no transaction open. */
  pending(): boolean;
  stop(): void;
};

/** Begins with what an earlier process may have left: a crash between an erasure's commit and its scrub ends here. */
export function scrubber(connection: Pick<Connection, 'scrub'>, failed: (error: unknown) => void): Scrubber {
  let timer: NodeJS.Timeout | undefined;

  function scrub(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!connection.scrub()) timer = setTimeout(later, AGAIN_AFTER_MS).unref();
  }
  function later(): void {
    try {
      scrub();
    } catch (error) {
      failed(error);
    }
  }

  scrub();
  return {
    after(commands, answers) {
      if (commands.some(({ erases }, at) => erases === true && typeof answers[at] === 'number')) scrub();
    },
    pending: () => timer !== undefined,
    stop: () => clearTimeout(timer),
  };
}
