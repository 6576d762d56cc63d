/**
 * Refused sign-ins, each on the record with its reason: an operator sees what is tried. Anybody can be refused, so a
 * flood writes no flood: past a rate refusals are counted, and the next entry says how many (I15).
 */
import type { Events, Log } from '../../events.ts';
import { createRateLimit } from '../../limits/rate.ts';
import type { Store } from '../../store/store.ts';

export type Refused = {
  readonly reason: string;
  /** Id of the provider, or `link`. */
  readonly with: string;
  /** Where somebody here is meant. */
  readonly person?: string | undefined;
  /** For the operator’s console alone: what broke, in the words of the program that noticed. */
  readonly cause?: unknown;
};
export type Refusals = { record(refused: Refused): Promise<void> };

const RATE = { burst: 60, per_second: 1, keys_max: 1 };

export type RefusalDeps = {
  readonly store: Store;
  readonly events: Pick<Events, 'authorityChanged'>;
  readonly now: () => number;
  readonly log: Log;
};

export function createRefusals({ store, events, now, log }: RefusalDeps): Refusals {
  const rate = createRateLimit(RATE, now);
  let unrecorded = 0;
  return {
    async record({ reason, with: means, person, cause }) {
      log.warn(
        { reason, with: means, ...(cause instanceof Error ? { cause: describe(cause) } : {}) },
        'sign-in refused',
      );
      if (rate.take('all') > 0) {
        unrecorded += 1;
        return;
      }
      const refused_before = unrecorded;
      unrecorded = 0;
      const event = events.authorityChanged({
        kind: 'system',
        at: now(),
        task_id: person === undefined ? `sign-in:${means}` : `session:${person}`,
        predicate: {
          change: 'sign-in refused',
          reason,
          with: means,
          ...(person === undefined ? {} : { person }),
          ...(refused_before === 0 ? {} : { refused_before }),
        },
      });
      const outcome = await store.commit({ name: 'sign-in-refused', steps: [], entries: [event.entry] });
      if (outcome.ok) event.committed();
    },
  };
}

/** Names and codes of errors: their messages may quote what was sent (I7). */
function describe(error: Error): string {
  const names: string[] = [];
  for (let at: unknown = error; at instanceof Error && names.length < 5; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? ` ${at.code}` : '';
    names.push(`${at.name}${code}`);
  }
  return names.join(' < ');
}
