/**
 * Keeps what cards are to show behind the log: reads the entries after the position it stands at, and commits what they ask
 * for together with the new position, by compare-and-set. A crash, or another gateway on the same store, between two chunks
 * changes nothing: no request is left untold, none is told twice. It makes no caller wait, and a request no card can be made
 * for keeps no other from being told.
 */
import { startRepeating } from '../../repeat.ts';
import { type Row, type Step, type Store, StoreRefused } from '../../store/store.ts';
import { standDown, wakeFold } from '../attention/fold.ts';
import { wantAnew } from '../rows.ts';
import { cardsOrAside, putAside, retryAside, type Setting } from './aside.ts';
import { advance, beginAt, openBacklog, positionOf } from './begin.ts';
import { commitAllButLast, heavier, isFull, NOTHING } from './new-cards.ts';

export type Follower = {
  /** Everything committed so far is planned for. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
};

export type Following = Setting & {
  /** Some card is to show something new. */
  readonly moved: () => void;
};

/** Entries read at once. What they ask for is committed in smaller parts. */
const CHUNK = 1024;
/** Commits within so long are looked at together: agents make thousands a second, people read one. */
const TOGETHER_MS = 25;
/** A node that hears of no commit looks anyway. */
const LOOK_EVERY_MS = 1_000;
/** A position with nothing before it to tell is written only this often: agents' calls must not cost a write each. */
const POSITION_EVERY = 8 * CHUNK;

const TELLING = ['access-request', 'review', 'resolution', 'execution', 'break-glass', 'redaction'];

export async function startFollower(following: Following): Promise<Follower> {
  const { store, log } = following;
  const passes = passesOf(following, await beginAt(store));
  let closed = false;
  let working: Promise<void> = Promise.resolve();
  let queued = false;

  const run = async (): Promise<void> => {
    queued = false;
    // By turns: neither what waited at the start nor what is new keeps the other waiting.
    while (!closed && [await passes.chunk(), await passes.backlog()].some(Boolean));
  };
  const after = (work: () => Promise<unknown>): Promise<void> => {
    working = working
      .then(async () => void (closed || (await work())))
      .catch((error: unknown) => {
        log.warn({ error: String(error) }, 'cards could not follow the log; it is tried again');
      });
    return working;
  };
  const look = (): Promise<void> => {
    if (queued || closed) return working;
    queued = true;
    return after(run);
  };
  let soon: NodeJS.Timeout | undefined;
  const leave = store.onAppend(() => {
    soon ??= setTimeout(() => {
      soon = undefined;
      void look();
    }, TOGETHER_MS).unref();
  });
  const sweep = (): Promise<void> => {
    void look();
    return after(passes.aside);
  };
  const stop = startRepeating({ every_ms: LOOK_EVERY_MS, run: sweep, failed: () => undefined });
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

/** Each says whether there may be more of its kind. */
function passesOf(following: Following, begin: number) {
  const { store, moved } = following;
  const waiting = openBacklog(store, following.now());
  let kept = begin;
  let position = begin;
  let reading: Reading | undefined;
  /** What was refused whole is done one by one: so the one it is refused for is found. */
  let one_by_one_until = -1;

  const put = async (to: number, steps: readonly Step[]): Promise<void> => {
    const rest = await commitAllButLast(store, steps);
    const outcome = await store.commit({
      name: 'follow-cards',
      steps: [advance(kept, to), ...rest],
      entries: [],
    });
    // Not from here any more: another gateway did it, or part of it.
    kept = outcome.ok ? to : await positionOf(store);
    position = kept;
    if (!outcome.ok) reading = undefined;
  };
  const putOrAside = async ({ to, steps, ids }: Gathered): Promise<void> => {
    try {
      await put(to, steps);
    } catch (error) {
      reading = undefined;
      if (!(error instanceof StoreRefused)) throw error;
      if (ids.length > 1) one_by_one_until = to;
      else
        await put(
          to,
          ids.map((id) => putAside(following, id, error)),
        );
    }
  };
  const next = async (size: number): Promise<Gathered> => {
    reading ??= await read(store, position, Math.min(size, position + CHUNK));
    try {
      const gathered = await gather(following, reading, position < one_by_one_until ? 1 : CHUNK);
      if (gathered.to === reading.to) reading = undefined;
      return gathered;
    } catch (error) {
      reading = undefined;
      throw error;
    }
  };

  return {
    async chunk(): Promise<boolean> {
      const size = await store.logSize();
      if (position >= size) return false;
      const gathered = await next(size);
      if (gathered.steps.length === 0 && gathered.to - kept < POSITION_EVERY) position = gathered.to;
      else await putOrAside(gathered);
      if (gathered.steps.length > 0) moved();
      return true;
    },
    async backlog(): Promise<boolean> {
      const ids = await waiting.page();
      await planAll(following, ids);
      waiting.done();
      if (ids.length > 0) moved();
      return ids.length > 0;
    },
    async aside(): Promise<void> {
      if (await retryAside(following)) moved();
    },
  };
}

async function planAll(following: Following, ids: readonly string[]): Promise<void> {
  const { store } = following;
  const steps: Step[] = [];
  for (const id of ids) steps.push(...(await cardsOrAside(following, id)));
  try {
    const rest = await commitAllButLast(store, steps);
    if (rest.length > 0) await store.commit({ name: 'plan-cards', steps: rest, entries: [] });
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    const [first, ...others] = ids;
    if (others.length > 0) for (const id of ids) await planAll(following, [id]);
    else if (first !== undefined)
      await store.commit({ name: 'plan-cards', steps: [putAside(following, first, error)], entries: [] });
  }
}

/** Entries that were read, and how far they are gathered. */
type Reading = {
  readonly to: number;
  readonly entries: readonly Entry[];
  at: number;
  /** Which of their requests have a card: what is read here was there before the cards made since. */
  readonly shown: ReadonlySet<string>;
  readonly planned: Set<string>;
  readonly touched: Set<string>;
  readonly ended: Set<string>;
};

async function read(store: Pick<Store, 'read'>, from: number, to: number): Promise<Reading> {
  const entries = await entriesIn(store, from, to);
  const shown = await withCards(store, entries);
  return { to, entries, at: 0, shown, planned: new Set(), touched: new Set(), ended: new Set() };
}

/** What the entries before `to` ask for, and of which requests they speak. */
type Gathered = { readonly to: number; readonly steps: readonly Step[]; readonly ids: readonly string[] };

/** As many entries as fit into one commit; at least one. */
async function gather(following: Following, reading: Reading, most: number): Promise<Gathered> {
  const { entries, shown, planned: asked, touched, ended } = reading;
  const steps: Step[] = [];
  const ids = new Set<string>();
  let weight = NOTHING;
  for (let count = 0; count < most && !isFull(weight); count += 1) {
    const entry = entries[reading.at];
    if (entry === undefined) return { to: reading.to, steps, ids: [...ids] };
    const { kind, id } = entry;
    const more: Step[] = [];
    if ((kind === 'access-request' || kind === 'break-glass') && isNew(asked, id))
      more.push(...(await cardsOrAside(following, id)));
    if (isNew(touched, id) && shown.has(id)) more.push(wantAnew(id));
    if (kind === 'resolution' && (shown.has(id) || asked.has(id)) && isNew(ended, id))
      more.push(standDown(id), ...wakeFold(id, following.now()));
    steps.push(...more);
    weight = heavier(weight, more);
    ids.add(id);
    reading.at += 1;
  }
  return { to: entries[reading.at]?.leaf ?? reading.to, steps, ids: [...ids] };
}

function isNew(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}

type Entry = { readonly kind: string; readonly id: string; readonly leaf: number };

async function entriesIn(store: Pick<Store, 'read'>, from: number, to: number): Promise<readonly Entry[]> {
  const rows = await store.read({
    sql: `SELECT leaf_index, kind, request_id FROM entries WHERE leaf_index >= $1 AND leaf_index < $2 AND request_id IS NOT NULL
             AND (kind IN (${TELLING.map((kind) => `'${kind}'`).join(', ')})
               OR (kind = 'system' AND event_id IN (SELECT ended_event FROM previews WHERE previews.request_id = entries.request_id)))
           ORDER BY leaf_index`,
    params: [from, to],
  });
  return rows.map((row: Row) => ({
    kind: String(row['kind']),
    id: String(row['request_id']),
    leaf: Number(row['leaf_index']),
  }));
}

/** Which of these have a card at all. */
async function withCards(
  store: Pick<Store, 'read'>,
  entries: readonly Entry[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(entries.map(({ id }) => id))];
  if (ids.length === 0) return new Set();
  const list = ids.map((_, at) => `$${at + 1}`).join(', ');
  const rows = await store.read({
    sql: `SELECT DISTINCT request_id FROM cards WHERE request_id IN (${list})`,
    params: ids,
  });
  return new Set(rows.map((row) => String(row['request_id'])));
}
