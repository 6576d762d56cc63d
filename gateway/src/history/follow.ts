/**
 * Keeps the history behind the log: reads the entries after the position it stands at, and commits what they change
 * together with the new position, by compare-and-set. A crash, or another node, between two chunks changes nothing. It
 * never hurries while agents call, and never makes one wait. Whatever else is to be done to these rows, a little at a time,
 * is done here too (`index/`): nobody else writes them.
 */
import type { Followed } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import type { Step, Store } from '../store/store.ts';
import { gather, type Span } from './gather.ts';
import { createReindexer } from './index/again.ts';
import { createEmptier } from './index/empty.ts';
import { createMover } from './index/move.ts';

export type Follower = {
  /** Goes on until it has seen all there was, or for this long; says how far it is. */
  catchUp(for_ms?: number): Promise<Followed>;
  close(): Promise<void>;
};

/** Entries taken at a time: some milliseconds. */
const CHUNK = 128;
/** While entries come in, a chunk is taken this often; when none has for a while, all that is left. */
const BUSY_EVERY_MS = 1_000;
const QUIET_MS = 300;
/** What else is to be done to the rows goes on this often while entries come in, or somebody looks. */
const TEND_BUSY_EVERY_MS = 50;
/** What a reader waits for the history to catch up, at most. */
const PATIENCE_MS = 200;
/** Entries are left alone this long, so that most runs are told once, with their end; not when somebody looks. */
const SETTLE_MS = 1_000;
/** A chunk that meets an erasure is gathered again. */
const ATTEMPTS_MAX = 5;

/** Raised when what is derived changes: then all of it is derived again. */
const VERSION = '1';

export async function startFollower(deps: Deps): Promise<Follower> {
  const { store, log, now } = deps;
  const empty = createEmptier(store, VERSION);
  const upkeep = [createMover(store), createReindexer(deps)];
  let position = await positionOf(store);
  let closed = false;
  let working: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let told_at = Number.NEGATIVE_INFINITY;
  let looked_at = Number.NEGATIVE_INFINITY;
  /** Nothing is left of what an older build derived. */
  let emptied = false;
  const isRecent = (at: number): boolean => performance.now() - at < QUIET_MS;

  /** One chunk; false when there was nothing to take. */
  const chunk = async (settle_ms: number): Promise<boolean> => {
    if (closed) return false;
    if (await empty()) {
      position = await positionOf(store);
      return true;
    }
    emptied = true;
    const size = await store.logSize();
    if (closed || position >= size) return false;
    const to = Math.min(size, position + CHUNK);
    // Where nobody waits and others commit, it may share their fsync.
    const unhurried = settle_ms > 0 && isRecent(told_at);
    const took = await follow(deps, { from: position, to, settle_ms }, unhurried);
    position = await positionOf(store);
    return took;
  };
  /** One after the other: what is made again of a row must not meet what an entry changes in it. */
  const inLine = (work: () => Promise<boolean>): Promise<boolean> => {
    const next = working.then(work);
    working = next.catch(() => undefined);
    return next;
  };
  const one = (settle_ms: number): Promise<boolean> => inLine(() => chunk(settle_ms));
  /** Nothing to wait for: what else is being done to the rows changes nothing anybody looks for. */
  const isCaughtUp = async (): Promise<boolean> => emptied && position >= (await store.logSize());
  /** A little of what there is to do besides; false when that is nothing. */
  const tend = async (): Promise<boolean> => {
    for (const each of [empty, ...upkeep]) if (!closed && (await each())) return true;
    return false;
  };
  const failed = (error: unknown): void => {
    log.warn({ error: String(error) }, 'the history could not follow the log; it tries again');
  };

  const later = (ms: number): void => {
    if (closed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void step();
    }, ms).unref();
  };
  async function step(): Promise<void> {
    try {
      const followed = await one(SETTLE_MS);
      const tended = await inLine(tend);
      if (followed) later(isRecent(told_at) ? BUSY_EVERY_MS : 0);
      else if (tended) later(isRecent(told_at) || isRecent(looked_at) ? TEND_BUSY_EVERY_MS : 0);
      else if (position < (await store.logSize())) later(SETTLE_MS);
    } catch (error) {
      failed(error);
      later(BUSY_EVERY_MS);
    }
  }
  const leave = store.onAppend(() => {
    told_at = performance.now();
    later(QUIET_MS);
  });
  later(0);

  async function catchUp(for_ms = PATIENCE_MS): Promise<Followed> {
    const until = performance.now() + for_ms;
    const asked_at = now();
    looked_at = performance.now();
    try {
      while (performance.now() < until && !(await isCaughtUp()) && (await one(0)));
    } catch (error) {
      failed(error); // what there is, is shown, with how far it goes
    }
    return followedAt(store, position, asked_at);
  }

  return {
    catchUp,
    async close() {
      closed = true;
      leave();
      clearTimeout(timer);
      await working;
    },
  };
}

async function followedAt(store: Store, position: number, asked_at: number): Promise<Followed> {
  const behind = Math.max(0, (await store.logSize()) - position);
  if (behind === 0) return { until: asked_at, behind };
  const [row] = await store.read({
    sql: 'SELECT occurred_at FROM entries WHERE leaf_index < $1 ORDER BY leaf_index DESC LIMIT 1',
    params: [position],
  });
  return { until: Number(row?.['occurred_at'] ?? 0), behind };
}

async function positionOf(store: Store): Promise<number> {
  const sql = "SELECT value FROM meta WHERE name = 'calls_followed'";
  const [row] = await store.read({ sql, params: [] });
  return Number(row?.['value'] ?? 0);
}

/** False: all of it is too young. @throws Error when the chunk could not be committed: the position stays, and it is tried again */
async function follow(deps: Deps, span: Span, unhurried: boolean): Promise<boolean> {
  const { from } = span;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const { steps, to } = await gather(deps, span);
    if (to === from) return false;
    const outcome = await deps.store.commit({
      name: 'follow-calls',
      steps: [advance(from, to), ...steps],
      entries: [],
      ...(unhurried && { unhurried }),
    });
    // Not from here any more: another node did it.
    if (outcome.ok || outcome.guard === 'advance') return true;
    if (outcome.guard !== 'erased') throw new Error(`a step did not hold: ${outcome.guard}`);
  }
  throw new Error('requests were being erased');
}

const advance = (from: number, to: number): Step => ({
  name: 'advance',
  sql: "UPDATE meta SET value = $2 WHERE name = 'calls_followed' AND value = $1",
  params: [String(from), String(to)],
  rows: 1,
});
