/** Cards in the store: which request is shown where, what each place is to show, and what it shows for sure. */
import type { Leased } from '../limits/leases.ts';
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

/**
 * What is carried there, by itself: what one is told to wait for, the others need not. `glass`: broken glass nobody there has
 * seen; `fold`: what another stands for.
 */
export type Lane = 'glass' | 'post' | 'update' | 'fold';
export type DueCard = CardRow & { readonly lane: Lane };

const LANE = `CASE WHEN c.posted IS NOT NULL THEN 'update' WHEN g.id IS NOT NULL THEN 'glass' WHEN c.folded = 1 THEN 'fold' ELSE 'post' END`;

/**
 * Broken glass, then how much time is left, by spans in which it makes no difference, then risk: what people must still act on
 * is never behind what can wait (A19). Buttons of what is over come off at once; what is over and was never shown is only
 * tidied away. What another stands for goes by turns.
 */
const URGENCY = `
  CASE WHEN g.id IS NOT NULL THEN 0
       WHEN c.folded = 1 THEN 7
       WHEN r.status <> 'pending' THEN CASE WHEN c.posted IS NOT NULL THEN 1 ELSE 6 END
       WHEN r.expires_at - $2 <= 300000 THEN 2
       WHEN r.expires_at - $2 <= 900000 THEN 3
       WHEN r.expires_at - $2 <= 3600000 THEN 4
       ELSE 5 END`;
const RISK = `CASE WHEN c.folded = 1 THEN 3 ELSE CASE r.risk WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END END`;

/** Of one place and lane: enough to go on with until it is looked again. */
const OF_A_LANE = 8;
export const DUE_MAX = 500;

/** What is to be carried next, most urgent first: of each place and lane the first few. `after`: so many are passed over. */
export async function dueCards(
  store: Pick<Store, 'read'>,
  { channel, now, after = 0 }: { readonly channel: string; readonly now: number; readonly after?: number },
): Promise<readonly DueCard[]> {
  const rows = await store.read({
    sql: `SELECT ${COLUMNS}, lane FROM (
            SELECT due.*, ROW_NUMBER() OVER (PARTITION BY place, lane ORDER BY urgency, risk, by_time, id) AS nth FROM (
              SELECT c.*, ${LANE} AS lane, ${URGENCY} AS urgency, ${RISK} AS risk,
                     CASE WHEN c.folded = 1 THEN c.next_at ELSE r.expires_at END AS by_time
                FROM cards c JOIN requests r ON r.id = c.request_id
                LEFT JOIN broken_glass g ON g.request_id = c.request_id AND g.status = 'open'
               WHERE c.state = 'live' AND c.shown < c.wanted AND c.channel = $1 AND c.next_at <= $2 AND c.lease IS NULL
            ) AS due
          ) AS those WHERE nth <= ${OF_A_LANE}
          ORDER BY CASE WHEN lane = 'fold' THEN 1 ELSE 0 END, urgency, risk, by_time, id LIMIT ${DUE_MAX} OFFSET $3`,
    params: [channel, now, after],
  });
  return rows.map((row) => ({ ...cardRow(row), lane: String(row['lane']) as Lane }));
}

/** `until` is for people to read: with no clock of another is it compared. */
export type Lease = { readonly token: string; readonly until: number };

/** Taken by compare-and-set: of two gateways one carries it. A crash leaves it until somebody has waited long enough. */
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
        sql: `UPDATE cards SET lease = $2, leased_until = $3 WHERE id = $1 AND state = 'live' AND wanted = $4 AND shown = $5 AND lease IS NULL AND next_at <= $6`,
        params: [row.id, token, until, row.wanted, row.shown, now],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}

/** Far more than all gateways together carry at a time. */
const TAKEN_MAX = 1_000;

/** What somebody carries there, or was carrying when it died; the mark is another each time it is taken or kept on. */
export async function takenCards(store: Pick<Store, 'read'>, channel: string): Promise<readonly Leased[]> {
  const rows = await store.read({
    sql: `SELECT id, lease, leased_until FROM cards
           WHERE state = 'live' AND shown < wanted AND channel = $1 AND lease IS NOT NULL ORDER BY id LIMIT ${TAKEN_MAX}`,
    params: [channel],
  });
  return rows.map((row) => ({
    id: String(row['id']),
    mark: markOf(String(row['lease']), Number(row['leased_until'])),
  }));
}

const markOf = (token: string, until: number): string => `${token} ${until}`;

/** Whoever took these does not carry them any more; what was taken again meanwhile stays taken. */
export async function letGo(store: Pick<Store, 'commit'>, abandoned: readonly Leased[]): Promise<void> {
  const steps = abandoned.map(({ id, mark }): Step => {
    const [token = '', until = ''] = mark.split(' ');
    return {
      name: 'let-go',
      sql: 'UPDATE cards SET lease = NULL, leased_until = 0 WHERE id = $1 AND lease = $2 AND leased_until = $3',
      params: [id, token, Number(until)],
      rows: 'any',
    };
  });
  await store.commit({ name: 'cards-abandoned', steps, entries: [] });
}

export type Version = {
  readonly card_id: string;
  readonly version: number;
  readonly action_digest: string;
  readonly rendered_digest: string;
  /** What it offered: an answer it did not offer is none (A4). */
  readonly offers: 'answers' | 'deny_or_link' | 'link' | 'none';
};

export type Keeping = {
  readonly now: number;
  /** It is about to be posted for the first time; `also` goes with that. */
  readonly begins?: boolean;
  readonly also?: readonly Step[];
  /** Whose it is to carry, and until when from now: else it is another’s by now, and must not be posted here too. */
  readonly lease?: Lease;
};
/** `taken`: that number already stands for something else, shown before a crash; it is never given another meaning. */
export type Kept = 'kept' | 'taken' | 'lost';

/** What a version shows is on record before anybody sees it. */
export async function keepVersion(
  store: Pick<Store, 'commit'>,
  { card_id, version, action_digest, rendered_digest, offers }: Version,
  { now, begins = false, also = [], lease: ours }: Keeping,
): Promise<Kept> {
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
  // Drawn before, and to be shown after it was erased: it is drawn anew.
  const whole: Step = {
    name: 'not-erased',
    sql: "SELECT 1 FROM cards c JOIN requests r ON r.id = c.request_id WHERE c.id = $1 AND (r.erased_at IS NULL OR $2 = '')",
    params: [card_id, rendered_digest],
    rows: 1,
  };
  const still: readonly Step[] = ours === undefined ? [] : [stillOurs(card_id, ours)];
  const steps = [...still, whole, keep, same, ...(begins ? [begin, ...also] : [])];
  const outcome = await store.commit({ name: 'card-version', steps, entries: [] });
  if (outcome.ok) return 'kept';
  return outcome.guard === 'still-ours' ? 'lost' : 'taken';
}

/** However long it took until here, nobody else has taken it; nor does anybody while it is posted. */
const stillOurs = (card_id: string, { token, until }: Lease): Step => ({
  name: 'still-ours',
  sql: 'UPDATE cards SET leased_until = $3 WHERE id = $1 AND lease = $2',
  params: [card_id, token, until],
  rows: 1,
});

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

/** Until when; `folded`: others like it stand there, one of which says so. `only`: what must still hold, and goes with it. */
export type KeptBack = { readonly at: number; readonly folded: boolean; readonly only?: readonly Step[] };

type Settled =
  | { readonly kind: 'shown'; readonly version: number; readonly digest: string; readonly posted: string }
  /** Over before it could be shown: nobody is told of what they could never answer. */
  | { readonly kind: 'left'; readonly also?: readonly Step[] }
  | { readonly kind: 'renumbered' }
  | ({ readonly kind: 'kept-back' } & KeptBack)
  | {
      readonly kind: 'again';
      readonly at: number;
      readonly trouble: string;
      readonly failing_since: number;
      readonly maybe_posted: boolean;
    }
  | {
      readonly kind: 'dead';
      readonly trouble: string;
      readonly maybe_posted: boolean;
      readonly also?: readonly Step[];
    };

export type { Settled };

/** No digest of what was erased is kept, by which it could be guessed. */
const ERASED = 'SELECT 1 FROM requests r WHERE r.id = cards.request_id AND r.erased_at IS NOT NULL';

const SETTLING: {
  readonly [K in Settled['kind']]: (settled: Extract<Settled, { readonly kind: K }>) => {
    readonly set: string;
    readonly params: Step['params'];
  };
} = {
  shown: ({ version, digest, posted }) => ({
    set: `shown = $3, shown_digest = CASE WHEN EXISTS (${ERASED}) THEN NULL ELSE $4 END, posted = $5, attempts = 0, failing_since = NULL, trouble = NULL`,
    params: [version, digest, posted],
  }),
  // Tried before or not, it stands nowhere: it fills nobody's hour and stands for no other.
  'kept-back': ({ at, folded }) => ({
    set: 'next_at = $3, folded = $4, begun_at = NULL, failing_since = NULL, trouble = NULL',
    params: [at, Number(folded)],
  }),
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
  const more = 'only' in settled ? settled.only : 'also' in settled ? settled.also : [];
  const outcome = await store.commit({
    name: 'settle-card',
    steps: [
      {
        name: 'settle',
        sql: `UPDATE cards SET ${set}, lease = NULL, leased_until = 0 WHERE id = $1 AND lease = $2`,
        params: [id, token, ...params],
        rows: 1,
      },
      ...(more ?? []),
    ],
    entries: [],
  });
  return outcome.ok;
}
