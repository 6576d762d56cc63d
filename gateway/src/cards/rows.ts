/** Cards in the store: which request is shown where, what each place is to show, and what it shows for sure. */
import type { Clock } from '../clock.ts';
import type { Row, Step, Store } from '../store/store.ts';
import type { Because, Told } from './plan.ts';

export type CardRow = {
  readonly id: string;
  readonly request_id: string;
  readonly channel: string;
  readonly place: string;
  readonly because: Because;
  /** Whose own place it is; null where many read it. */
  readonly person: string | null;
  /** Equal for requests that may be looked at together. */
  readonly likeness: string;
  /** Another like it stands there for it. */
  readonly folded: boolean;
  readonly wanted: number;
  readonly shown: number;
  readonly shown_digest: string | null;
  readonly posted: string | null;
  /** A post was begun, and nobody can say that it failed: it may stand there. */
  readonly maybe_posted: boolean;
  readonly attempts: number;
  readonly failing_since: number | null;
};

const COLUMNS =
  'id, request_id, channel, place, because, person, likeness, folded, wanted, shown, shown_digest, posted, maybe_posted, attempts, failing_since';

const orNull = <T>(value: Row[string] | undefined, read: (value: Row[string]) => T): T | null =>
  value === null || value === undefined ? null : read(value);

const cardRow = (row: Row): CardRow => ({
  id: String(row['id']),
  request_id: String(row['request_id']),
  channel: String(row['channel']),
  place: String(row['place']),
  because: String(row['because']) as Because,
  person: orNull(row['person'], String),
  likeness: String(row['likeness']),
  folded: Number(row['folded']) === 1,
  wanted: Number(row['wanted']),
  shown: Number(row['shown']),
  shown_digest: orNull(row['shown_digest'], String),
  posted: orNull(row['posted'], String),
  maybe_posted: Number(row['maybe_posted']) === 1,
  attempts: Number(row['attempts']),
  failing_since: orNull(row['failing_since'], Number),
});

export async function readCard(store: Pick<Store, 'read'>, id: string): Promise<CardRow | undefined> {
  const [row] = await store.read({ sql: `SELECT ${COLUMNS} FROM cards WHERE id = $1`, params: [id] });
  return row === undefined ? undefined : cardRow(row);
}

export type NewCard = Told & { readonly id: string; readonly request_id: string };

/** At most one card a request, place and turn, whoever plans it and how often (A17). */
export const insertCard = (
  { id, request_id, channel, place, because, turn, person, likeness, due_at }: NewCard,
  now: number,
): Step => ({
  name: 'put-card',
  sql: `INSERT INTO cards (id, request_id, channel, place, because, turn, person, likeness, folded, wanted, shown, maybe_posted, state, attempts, next_at, leased_until, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 1, 0, 0, 'live', 0, $9, 0, $10) ON CONFLICT DO NOTHING`,
  params: [id, request_id, channel, place, because, turn, person ?? null, likeness, due_at, now],
  rows: 'any',
});

/** Something about the request changed: every place is to show it. */
export const wantAnew = (request_id: string): Step => ({
  name: 'want-anew',
  sql: 'UPDATE cards SET wanted = wanted + 1 WHERE request_id = $1',
  params: [request_id],
  rows: 'any',
});

const DUE = "state = 'live' AND shown < wanted AND channel = $1 AND next_at <= $2 AND leased_until <= $2";

/**
 * The oldest card of each place that waits to be carried there, a place at a time: so order there is kept. What another
 * stands for comes after it, by turns: it is looked at again and again, and must not keep anything from being shown (A19).
 */
export async function dueCards(
  store: Pick<Store, 'read'>,
  { channel, now }: { readonly channel: string; readonly now: number },
): Promise<readonly CardRow[]> {
  const rows = await store.read({
    sql: `SELECT ${COLUMNS} FROM cards WHERE id IN (
            SELECT MIN(id) FROM cards WHERE ${DUE} AND folded = 0 GROUP BY place
            UNION ALL
            SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY place ORDER BY next_at, id) AS turn
                              FROM cards WHERE ${DUE} AND folded = 1) AS others WHERE turn = 1)
          ORDER BY folded, id LIMIT 500`,
    params: [channel, now],
  });
  return rows.map(cardRow);
}

export type Lease = { readonly token: string; readonly until: number };

/** Taken by compare-and-set: of two gateways one carries it. A crash leaves it to run out. */
export async function lease(
  store: Pick<Store, 'commit'>,
  row: CardRow,
  { token, until, now }: Lease & { readonly now: number },
): Promise<boolean> {
  const outcome = await store.commit({
    name: 'lease-card',
    steps: [
      {
        name: 'lease',
        sql: `UPDATE cards SET lease = $2, leased_until = $3 WHERE id = $1 AND state = 'live' AND wanted = $4 AND shown = $5 AND leased_until <= $6`,
        params: [row.id, token, until, row.wanted, row.shown, now],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}

export type Version = {
  readonly card_id: string;
  readonly version: number;
  readonly action_digest: string;
  readonly rendered_digest: string;
  /** What it offered: an answer it did not offer is none (A4). */
  readonly offers: 'answers' | 'deny_or_link' | 'link' | 'none';
};

/**
 * What a version shows is on record before anybody sees it. `begins`: it is about to be posted for the first time. False:
 * that number already stands for something else, shown before a crash; it is never given another meaning.
 */
export async function keepVersion(
  store: Pick<Store, 'commit'>,
  { card_id, version, action_digest, rendered_digest, offers }: Version,
  { now, begins = false }: { readonly now: number; readonly begins?: boolean },
): Promise<boolean> {
  const keep: Step = {
    name: 'keep-version',
    sql: `INSERT INTO card_versions (card_id, version, action_digest, rendered_digest, offers, made_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    params: [card_id, version, action_digest, rendered_digest, offers, now],
    rows: 'any',
  };
  const begin: Step = {
    name: 'may-be-posted',
    sql: 'UPDATE cards SET maybe_posted = 1, folded = 0, begun_at = COALESCE(begun_at, $2) WHERE id = $1',
    params: [card_id, now],
    rows: 1,
  };
  const same: Step = {
    name: 'same-version',
    sql: 'SELECT 1 FROM card_versions WHERE card_id = $1 AND version = $2 AND action_digest = $3 AND rendered_digest = $4 AND offers = $5',
    params: [card_id, version, action_digest, rendered_digest, offers],
    rows: 1,
  };
  const steps = begins ? [keep, same, begin] : [keep, same];
  return (await store.commit({ name: 'card-version', steps, entries: [] })).ok;
}

export async function readVersion(
  store: Pick<Store, 'read'>,
  card_id: string,
  version: number,
): Promise<Version | undefined> {
  const [row] = await store.read({
    sql: 'SELECT action_digest, rendered_digest, offers FROM card_versions WHERE card_id = $1 AND version = $2',
    params: [card_id, version],
  });
  if (row === undefined) return undefined;
  return {
    card_id,
    version,
    action_digest: String(row['action_digest']),
    rendered_digest: String(row['rendered_digest']),
    offers: String(row['offers']) as Version['offers'],
  };
}

/** Until when; `folded`: others like it stand there, one of which says so. */
export type KeptBack = { readonly at: number; readonly folded: boolean };

type Settled =
  | { readonly kind: 'shown'; readonly version: number; readonly digest: string; readonly posted: string }
  /** Over before it could be shown: nobody is told of what they could never answer. */
  | { readonly kind: 'left' }
  | { readonly kind: 'renumbered' }
  | ({ readonly kind: 'kept-back' } & KeptBack)
  | {
      readonly kind: 'again';
      readonly at: number;
      readonly trouble: string;
      readonly failing_since: number;
      readonly maybe_posted: boolean;
    }
  | { readonly kind: 'dead'; readonly trouble: string; readonly maybe_posted: boolean };

export type { Settled };

const SETTLING: {
  readonly [K in Settled['kind']]: (settled: Extract<Settled, { readonly kind: K }>) => {
    readonly set: string;
    readonly params: Step['params'];
  };
} = {
  shown: ({ version, digest, posted }) => ({
    set: `shown = $3, shown_digest = $4, posted = $5, attempts = 0, failing_since = NULL, trouble = NULL`,
    params: [version, digest, posted],
  }),
  'kept-back': ({ at, folded }) => ({ set: 'next_at = $3, folded = $4', params: [at, Number(folded)] }),
  renumbered: () => ({ set: 'wanted = wanted + 1', params: [] }),
  left: () => ({ set: `state = 'left', shown = wanted`, params: [] }),
  again: ({ at, trouble, failing_since, maybe_posted }) => ({
    set: `attempts = attempts + 1, next_at = $3, trouble = $4, failing_since = $5, maybe_posted = $6`,
    params: [at, trouble, failing_since, Number(maybe_posted)],
  }),
  dead: ({ trouble, maybe_posted }) => ({
    set: `state = 'dead', trouble = $3, maybe_posted = $4`,
    params: [trouble, Number(maybe_posted)],
  }),
};

/** Says what came of it and gives the lease back; nothing when the lease ran out and another has it. */
export async function settle(
  store: Pick<Store, 'commit'>,
  { id, token }: { readonly id: string; readonly token: string },
  settled: Settled,
): Promise<boolean> {
  const { set, params } = (
    SETTLING[settled.kind] as (settled: Settled) => { readonly set: string; readonly params: Step['params'] }
  )(settled);
  const outcome = await store.commit({
    name: 'settle-card',
    steps: [
      {
        name: 'settle',
        sql: `UPDATE cards SET ${set}, lease = NULL, leased_until = 0 WHERE id = $1 AND lease = $2`,
        params: [id, token, ...params],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}

export type DeadCard = {
  readonly id: string;
  readonly request_id: string;
  readonly channel: string;
  readonly place: string;
  readonly trouble: string;
  readonly attempts: number;
  readonly made_at: number;
};

export async function deadCards(
  store: Pick<Store, 'read'>,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<readonly DeadCard[]> {
  const rows = await store.read({
    sql: `SELECT id, request_id, channel, place, trouble, attempts, made_at FROM cards
           WHERE state = 'dead' AND id < $1 ORDER BY id DESC LIMIT ${limit}`,
    params: [after ?? '~'],
  });
  return rows.map((row) => ({
    id: String(row['id']),
    request_id: String(row['request_id']),
    channel: String(row['channel']),
    place: String(row['place']),
    trouble: String(row['trouble']),
    attempts: Number(row['attempts']),
    made_at: Number(row['made_at']),
  }));
}

export type Counts = { readonly waiting: number; readonly failing: number; readonly dead: number };

/** What is to be shown later, if at all, is not on its way yet. */
export async function countCards(
  store: Pick<Store, 'read'>,
  now: number,
): Promise<ReadonlyMap<string, Counts>> {
  const rows = await store.read({
    sql: `SELECT channel,
                 SUM(CASE WHEN state = 'live' AND shown < wanted AND (attempts > 0 OR next_at <= $1) THEN 1 ELSE 0 END) AS waiting,
                 SUM(CASE WHEN state = 'live' AND attempts > 0 THEN 1 ELSE 0 END) AS failing,
                 SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead
            FROM cards GROUP BY channel`,
    params: [now],
  });
  return new Map(
    rows.map((row) => [
      String(row['channel']),
      { waiting: Number(row['waiting']), failing: Number(row['failing']), dead: Number(row['dead']) },
    ]),
  );
}

/** An operator has looked: it is tried again, from the newest. */
export async function reviveCard(store: Pick<Store, 'commit'>, id: string, now: number): Promise<boolean> {
  const outcome = await store.commit({
    name: 'revive-card',
    steps: [
      {
        name: 'revive',
        sql: `UPDATE cards SET state = 'live', attempts = 0, failing_since = NULL, trouble = NULL, next_at = $2, wanted = wanted + 1
               WHERE id = $1 AND state = 'dead'`,
        params: [id, now],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}

const KEPT_MS = 90 * 86_400_000;

/** Cards of requests long over say nothing to anybody any more: a click on one is a click on nothing. */
export async function forgetOldCards(store: Pick<Store, 'commit'>, now: Clock): Promise<void> {
  const until = now() - KEPT_MS;
  const old = 'SELECT c.id FROM cards c JOIN requests r ON r.id = c.request_id WHERE r.resolved_at < $1';
  await store.commit({
    name: 'forget-cards',
    steps: [
      {
        name: 'forget-versions',
        sql: `DELETE FROM card_versions WHERE card_id IN (${old})`,
        params: [until],
        rows: 'any',
      },
      { name: 'forget-cards', sql: `DELETE FROM cards WHERE id IN (${old})`, params: [until], rows: 'any' },
    ],
    entries: [],
    unhurried: true,
  });
}
