/**
 * What goes on behind webhooks and callbacks while somebody is to be told: the log is followed, what waits is sent, what is
 * old is forgotten. With nobody to tell nothing goes on: no timer, no listener, no commit, whatever agents do.
 */
import type { Deps } from '../deps.ts';
import { type Dispatcher, type Dispatching, startDispatcher } from './dispatch.ts';
import { type Told as Configured, endpointsOf, namesOf } from './endpoints.ts';
import { beginFollowing, endFollowing, followOnce } from './follow.ts';
import { forgetOldNotices, haveNotices } from './rows.ts';

export type TellingParts = Pick<Deps, 'store' | 'now' | 'log'> &
  Pick<Dispatching, 'random' | 'send' | 'look_every_ms' | 'elapsed' | 'meter'> & {
    readonly config: () => Configured;
  };

export type Telling = {
  /** Something may be due. */
  look(): void;
  close(): Promise<void>;
};

const HOUR_MS = 3_600_000;
const FOLLOW_QUIET_MS = 50;
const FOLLOW_EVERY_MS = 2_000;

/** Who is told is what is configured at the start. */
export async function startTelling(parts: TellingParts): Promise<Telling> {
  const { store, now, log, config } = parts;
  if (namesOf(config()).length === 0) {
    await endFollowing(store);
    if (await haveNotices(store)) await forgetOldNotices(store, now());
    return { look: () => undefined, close: async () => undefined };
  }
  await beginFollowing(store);
  const dispatcher = startDispatcher({ ...parts, endpoints: () => namesOf(config()) });
  const stopFollowing = startFollowing(parts, dispatcher);
  const cleaning = setInterval(() => {
    forgetOldNotices(store, now()).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'old notices could not be removed'),
    );
  }, HOUR_MS).unref();
  return {
    look: dispatcher.look,
    async close() {
      clearInterval(cleaning);
      await stopFollowing();
      await dispatcher.close();
    },
  };
}

/** Follows the log soon after it grew, and now and then; one chunk at a time. Returns the way to stop. */
function startFollowing(parts: TellingParts, dispatcher: Dispatcher): () => Promise<void> {
  const { store, log, config } = parts;
  let closed = false;
  let grew = false;
  let soon = false;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  const after = (ms: number): void => {
    clearTimeout(timer);
    soon = ms <= FOLLOW_QUIET_MS;
    if (!closed) timer = setTimeout(go, ms).unref();
  };
  function go(): void {
    grew = false;
    soon = false;
    working ??= followOnce({ ...parts, endpoints: () => endpointsOf(config()) })
      .then((more) => {
        dispatcher.look();
        return more;
      })
      .catch((error: unknown) => {
        log.warn({ error: String(error) }, 'webhooks could not follow the log; it is tried again');
        return false;
      })
      .then((more) => {
        working = undefined;
        after(more ? 0 : grew ? FOLLOW_QUIET_MS : FOLLOW_EVERY_MS);
      });
  }
  const leave = store.onAppend(() => {
    grew = true;
    // While entries come in without end it is not put off without end.
    if (working === undefined && !soon) after(FOLLOW_QUIET_MS);
  });
  after(0);
  return async () => {
    closed = true;
    leave();
    clearTimeout(timer);
    await working;
  };
}
