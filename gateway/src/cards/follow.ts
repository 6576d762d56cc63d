/**
 * Keeps what cards are to show behind the log: reads the entries after the position it stands at, and commits what they ask
 * for together with the new position, by compare-and-set. A crash, or another gateway on the same store, between two chunks
 * changes nothing: no request is left untold, none is told twice. It makes no caller wait.
 */

import type { Deps } from '../deps.ts';
import { randomOctets } from '../ids.ts';
import { startRepeating } from '../repeat.ts';
import type { Row, Step, Store } from '../store/store.ts';
import type { Told } from './plan.ts';
import { insertCard, wantAnew } from './rows.ts';

export type Follower = {
  /** Everything committed so far is planned for. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
};

export type Following = Pick<Deps, 'store' | 'log' | 'now'> & {
  /** Where a request is to be shown; none when it is over, or unknown. */
  readonly plan: (request_id: string) => Promise<readonly Told[]>;
  /** Some card is to show something new. */
  readonly moved: () => void;
};

const CHUNK = 1024;
/** Commits within so long are looked at together: agents make thousands a second, people read one. */
const TOGETHER_MS = 25;
/** A node that hears of no commit looks anyway. */
const LOOK_EVERY_MS = 1_000;
/** A position with nothing before it to tell is written only this often: agents' calls must not cost a write each. */
const POSITION_EVERY = 8 * CHUNK;
/** So far behind, what waits is looked up instead of read from the log: channels were off, or new. */
const BEHIND_MAX = 20_000;

const TELLING = ['access-request', 'review', 'resolution', 'execution', 'break-glass', 'redaction'];

export async function startFollower(following: Following): Promise<Follower> {
  const { store, log, moved } = following;
  let kept = await beginAt(following);
  let position = kept;
  let closed = false;
  let working: Promise<void> = Promise.resolve();
  let queued = false;

  const chunk = async (): Promise<boolean> => {
    const size = await store.logSize();
    if (closed || position >= size) return false;
    const to = Math.min(size, position + CHUNK);
    const steps = await gather(following, { from: position, to });
    if (steps.length > 0 || to - kept >= POSITION_EVERY) {
      const outcome = await store.commit({
        name: 'follow-cards',
        steps: [advance(kept, to), ...steps],
        entries: [],
      });
      // Not from here any more: another gateway did it, or part of it.
      kept = outcome.ok ? to : await positionOf(store);
      position = kept;
      if (steps.length > 0) moved();
      return true;
    }
    position = to;
    return true;
  };
  const run = async (): Promise<void> => {
    queued = false;
    while (await chunk());
  };
  const look = (): Promise<void> => {
    if (queued || closed) return working;
    queued = true;
    working = working.then(run).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'cards could not follow the log; it is tried again');
    });
    return working;
  };

  let soon: NodeJS.Timeout | undefined;
  const leave = store.onAppend(() => {
    soon ??= setTimeout(() => {
      soon = undefined;
      void look();
    }, TOGETHER_MS).unref();
  });
  const stop = startRepeating({ every_ms: LOOK_EVERY_MS, run: look, failed: () => undefined });
  void look();
  return {
    catchUp: look,
    async close() {
      closed = true;
      leave();
      clearTimeout(soon);
      await stop();
      await working;
    },
  };
}

type Span = { readonly from: number; readonly to: number };

async function gather({ store, plan, now }: Following, span: Span): Promise<readonly Step[]> {
  const rows = await entriesIn(store, span);
  const opened = rows
    .filter(({ kind }) => kind === 'access-request' || kind === 'break-glass')
    .map((row) => String(row['request_id']));
  const touched = new Set(rows.map((row) => String(row['request_id'])));
  const steps: Step[] = [];
  for (const id of new Set(opened)) steps.push(...(await newCards({ plan, now }, id)));
  const shown = await withCards(store, [...touched]);
  for (const id of touched) if (shown.has(id)) steps.push(wantAnew(id));
  return steps;
}

async function newCards(
  { plan, now }: Pick<Following, 'plan' | 'now'>,
  request_id: string,
): Promise<readonly Step[]> {
  const at = now();
  return (await plan(request_id)).map((told) => insertCard({ id: cardId(at), request_id, ...told }, at));
}

async function entriesIn(store: Pick<Store, 'read'>, { from, to }: Span): Promise<readonly Row[]> {
  return store.read({
    sql: `SELECT kind, request_id FROM entries WHERE leaf_index >= $1 AND leaf_index < $2 AND request_id IS NOT NULL
             AND (kind IN (${TELLING.map((kind) => `'${kind}'`).join(', ')})
               OR (kind = 'system' AND event_id IN (SELECT ended_event FROM previews WHERE previews.request_id = entries.request_id)))
           ORDER BY leaf_index`,
    params: [from, to],
  });
}

/** Which of these have a card at all. */
async function withCards(store: Pick<Store, 'read'>, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const list = ids.map((_, at) => `$${at + 1}`).join(', ');
  const rows = await store.read({
    sql: `SELECT DISTINCT request_id FROM cards WHERE request_id IN (${list})`,
    params: ids,
  });
  return new Set(rows.map((row) => String(row['request_id'])));
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** Of the newest name: no two share it, so that cards planned in one go sort as they were. */
let newest = 0;

/** Sorts by time; 130 random bits, so that nobody finds a card by trying (A15). */
export function cardId(now: number): string {
  newest = Math.max(now, newest + 1);
  let time = newest;
  let head = '';
  for (let at = 0; at < 10; at += 1) {
    head = (DIGITS[time % 32] ?? '0') + head;
    time = Math.floor(time / 32);
  }
  return `crd_${head}${[...randomOctets(26)].map((octet) => DIGITS[octet & 31]).join('')}`;
}

const NAME = 'cards_followed';

async function positionOf(store: Pick<Store, 'read'>): Promise<number> {
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [NAME] });
  return Number(row?.['value'] ?? -1);
}

const advance = (from: number, to: number): Step => ({
  name: 'advance',
  sql: 'UPDATE meta SET value = $3 WHERE name = $1 AND value = $2',
  params: [NAME, String(from), String(to)],
  rows: 1,
});

const PENDING_MAX = 10_000;

/**
 * Where to go on. What waits is planned for at every start, whatever the log still has to tell: a channel may be new, or
 * another place. The first time, or after a long while without channels, the log before is skipped and every card shown anew.
 */
async function beginAt({ store, plan, now }: Following): Promise<number> {
  const [at, size] = [await positionOf(store), await store.logSize()];
  const skip = at < 0 || size - at > BEHIND_MAX;
  if (skip) {
    const set: Step = {
      name: 'begin',
      sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      params: [NAME, String(size)],
      rows: 1,
    };
    const anew: Step = {
      name: 'all-anew',
      sql: "UPDATE cards SET wanted = wanted + 1 WHERE state = 'live'",
      params: [],
      rows: 'any',
    };
    await store.commit({ name: 'begin-cards', steps: [set, anew], entries: [] });
  }
  const pending = await store.read({
    sql: "SELECT id FROM requests WHERE status = 'pending' ORDER BY opened_at LIMIT 10000",
    params: [],
    rows_max: PENDING_MAX,
  });
  for (const row of pending) {
    const id = String(row['id']);
    const steps = await newCards({ plan, now }, id);
    if (steps.length > 0) await store.commit({ name: 'plan-cards', steps, entries: [], unhurried: true });
  }
  return skip ? size : at;
}
