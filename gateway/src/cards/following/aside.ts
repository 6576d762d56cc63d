/**
 * Requests whose cards cannot be planned: set aside, so that all others are shown, and tried again until it works. Each is
 * told to operators while it is here; none leaves without its cards but one that is over, which asks nobody any more.
 */
import type { Deps } from '../../deps.ts';
import { type Step, type Store, StoreUnavailable } from '../../store/store.ts';
import { commitAllButLast, newCards, type Planning } from './new-cards.ts';

export type SetAside = {
  readonly request_id: string;
  /** Since when it is tried. */
  readonly since: number;
  readonly attempts: number;
};

export type Setting = Planning &
  Pick<Deps, 'store' | 'log'> & {
    /** For operators: what went wrong may quote what it went wrong with (I7). */
    readonly safe: (text: string) => string;
  };

const RETRIED_AT_ONCE = 50;
const AGAIN_MS = { first: 1_000, most: 5 * 60_000 };

/** Its cards, or that it is set aside: nothing about one request keeps another from being told (A20). */
export async function cardsOrAside(setting: Setting, request_id: string): Promise<readonly Step[]> {
  try {
    return await newCards(setting, request_id);
  } catch (error) {
    // Nothing is wrong with this one: none could be planned now.
    if (error instanceof StoreUnavailable) throw error;
    return [putAside(setting, request_id, error)];
  }
}

export function putAside({ log, now, safe }: Setting, request_id: string, error: unknown): Step {
  log.error(
    { request_id, error: safe(String(error)) },
    'no card can be made for this request: it is set aside and tried again; it waits in the inbox all the same',
  );
  const at = now();
  return {
    name: 'put-aside',
    sql: 'INSERT INTO cards_aside (request_id, since, attempts, next_at) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING',
    params: [request_id, at, at + AGAIN_MS.first],
    rows: 'any',
  };
}

/** Those whose time has come. Whether any got its cards. */
export async function retryAside(setting: Setting): Promise<boolean> {
  const { store, now } = setting;
  const due = await store.read({
    sql: `SELECT request_id, attempts FROM cards_aside WHERE next_at <= $1 ORDER BY next_at LIMIT ${RETRIED_AT_ONCE}`,
    params: [now()],
  });
  let some = false;
  for (const row of due) {
    const [id, attempts] = [String(row['request_id']), Number(row['attempts'])];
    some = (await retry(setting, id, attempts)) || some;
  }
  return some;
}

async function retry(setting: Setting, request_id: string, attempts: number): Promise<boolean> {
  const { store, log, safe } = setting;
  try {
    const cards = await newCards(setting, request_id);
    const unasked = cards.length === 0 && (await isOver(store, request_id));
    const rest = await commitAllButLast(store, cards);
    // Durable: its cards are to be carried, and it is not tried again. A crash before this: it is, and has them already.
    await store.commit({
      name: 'plan-cards',
      steps: [...rest, takeBack(request_id)],
      entries: [],
      unhurried: true,
    });
    if (unasked) log.warn({ request_id }, NEVER_SHOWN);
    else log.info({ request_id }, 'cards could be made at last for a request that was set aside');
    return cards.length > 0;
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    const over = await isOver(store, request_id);
    if (over) log.warn({ request_id }, NEVER_SHOWN);
    else
      log.warn(
        { request_id, attempts, error: safe(String(error)) },
        'still no card can be made for a request',
      );
    await store.commit({
      name: 'plan-cards',
      steps: [over ? takeBack(request_id) : later(request_id, setting.now() + waitMs(attempts))],
      entries: [],
      unhurried: true,
    });
    return false;
  }
}

const NEVER_SHOWN = 'a request that was set aside is over: no card was ever made for it';

const takeBack = (request_id: string): Step => ({
  name: 'take-back',
  sql: 'DELETE FROM cards_aside WHERE request_id = $1',
  params: [request_id],
  rows: 'any',
});

const later = (request_id: string, at: number): Step => ({
  name: 'aside-again',
  sql: 'UPDATE cards_aside SET attempts = attempts + 1, next_at = $2 WHERE request_id = $1',
  params: [request_id, at],
  rows: 'any',
});

const waitMs = (attempts: number): number =>
  Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** Math.min(attempts, 20));

/** By its columns alone: what cannot be read may be the rest of it. */
async function isOver(store: Pick<Store, 'read'>, request_id: string): Promise<boolean> {
  const asks = await store.read({
    sql: `SELECT 1 FROM requests r WHERE r.id = $1 AND (r.status = 'pending'
             OR EXISTS (SELECT 1 FROM broken_glass g WHERE g.request_id = r.id AND g.status = 'open'))`,
    params: [request_id],
  });
  return asks.length === 0;
}

const LISTED_MAX = 50;

/** The oldest, and how many there are. */
export async function listAside(
  store: Pick<Store, 'read'>,
): Promise<{ readonly count: number; readonly oldest: readonly SetAside[] }> {
  const [rows, [all]] = await Promise.all([
    store.read({
      sql: `SELECT request_id, since, attempts FROM cards_aside ORDER BY since, request_id LIMIT ${LISTED_MAX}`,
      params: [],
    }),
    store.read({ sql: 'SELECT COUNT(*) AS n FROM cards_aside', params: [] }),
  ]);
  return {
    count: Number(all?.['n'] ?? 0),
    oldest: rows.map((row) => ({
      request_id: String(row['request_id']),
      since: Number(row['since']),
      attempts: Number(row['attempts']),
    })),
  };
}
