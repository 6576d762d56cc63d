/** Cards in the store: which request is shown where, what each place is to show, and what it shows for sure. */
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

export const CARD_COLUMNS =
  'id, request_id, channel, place, because, person, likeness, folded, wanted, shown, shown_digest, posted, maybe_posted, attempts, failing_since';

const orNull = <T>(value: Row[string] | undefined, read: (value: Row[string]) => T): T | null =>
  value === null || value === undefined ? null : read(value);

export const cardRow = (row: Row): CardRow => ({
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
  const [row] = await store.read({ sql: `SELECT ${CARD_COLUMNS} FROM cards WHERE id = $1`, params: [id] });
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
