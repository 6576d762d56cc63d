/**
 * A store that breaks at one named command, the n-th time it is asked, in one of five ways. Between breaks it is the
 * real store. Faults come in pairs: failed and not persisted, failed but persisted; and the same for a process killed.
 */

import { type Command, type Outcome, type Store, StoreUnavailable } from '../../gateway/src/store/store.ts';
import { pointOf } from './points.ts';

export const BREAKS = {
  /** Refused, and not stored. */
  lost: 'failed and not persisted',
  /** Stored, and its caller told that it may not be. */
  kept: 'failed but persisted',
  'kill-before': 'killed before the commit',
  'kill-during': 'killed while the commit is under way',
  'kill-after': 'killed after the commit, before anyone is told',
} as const;
export type Break = keyof typeof BREAKS;

export type Fault = { readonly command: string; readonly how: Break; readonly nth?: number };

export type Watched = {
  readonly wrap: (store: Store) => Store;
  /** Every command name committed so far. */
  readonly names: Set<string>;
  /** Whether the fault was met. */
  met(): boolean;
};

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable: SIGKILL takes effect before kill(2) returns');
};

async function broken(store: Store, command: Command, how: Break): Promise<Outcome> {
  if (how === 'lost') throw new StoreUnavailable('injected: not stored', 'no');
  if (how === 'kill-before') return die();
  const outcome = store.commit(command);
  if (how === 'kill-during') {
    // The message to the writer leaves at the end of this turn; some of its work is done when the process ends.
    await new Promise((resolve) => setImmediate(resolve));
    return die();
  }
  await outcome;
  if (how === 'kill-after') return die();
  throw new StoreUnavailable('injected: stored, though nobody can know', 'unknown');
}

export function watch(fault?: Fault): Watched {
  const names = new Set<string>();
  let left = fault?.nth ?? 1;
  return {
    names,
    met: () => left <= 0,
    wrap: (store) => ({
      ...store,
      commit: (command) => {
        names.add(pointOf(command.name));
        if (fault === undefined || pointOf(command.name) !== fault.command || left <= 0)
          return store.commit(command);
        left -= 1;
        return left === 0 ? broken(store, command, fault.how) : store.commit(command);
      },
    }),
  };
}
