/**
 * Of many nearly the same at one place, the oldest stands for the others and says how many there are (A19). Those kept back
 * are looked at when one that stands there is resolved; and now and then besides, should that have been missed.
 */
import type { Step, Store } from '../../store/store.ts';
import type { CardRow } from '../rows.ts';

/**
 * Requests like it that wait and are shown there one by one: asked first, or passed on. One given up on stands for nothing.
 * `over` only keeps the search short: whether it waits is its request's to say.
 */
const STANDING = `FROM cards c JOIN requests r ON r.id = c.request_id
  WHERE c.channel = $1 AND c.place = $2 AND c.likeness = $3 AND c.because = $4 AND c.over = 0 AND c.state = 'live' AND c.begun_at IS NOT NULL
    AND r.status = 'pending'`;

/** Of them the oldest, which speaks for the others: on its card, and on what reminds of it. */
const LEADER = `SELECT request_id FROM cards WHERE id = (SELECT MIN(c.id) ${STANDING})`;

type Where = Pick<CardRow, 'channel' | 'place' | 'likeness' | 'because'>;
/** None stands for itself, however often it was tried. */
type Own = Where & Pick<CardRow, 'id'>;

/** What is passed on stands with what is passed on; a reminder is of what was asked. */
const at = ({ channel, place, likeness, because }: Where) => [
  channel,
  place,
  likeness,
  because === 'escalated' ? 'escalated' : 'asked',
];

export async function standing(store: Pick<Store, 'read'>, row: Own): Promise<number> {
  const sql = `SELECT COUNT(*) AS n ${STANDING} AND c.id <> $5`;
  const [found] = await store.read({ sql, params: [...at(row), row.id] });
  return Number(found?.['n'] ?? 0);
}

/** So many still stand there as it is kept back: else one was resolved meanwhile, and this one takes its place. */
export const stillStand = (row: Own, least: number): Step => ({
  name: 'still-stand',
  sql: `SELECT 1 FROM (SELECT COUNT(*) AS n ${STANDING} AND c.id <> $5) AS those WHERE n >= $6`,
  params: [...at(row), row.id, least],
  rows: 1,
});

/** Another stands there for its request: what that one is reminded of says how many wait, and speaks for all of them. */
export async function isFolded(
  store: Pick<Store, 'read'>,
  { request_id, channel, place }: Pick<CardRow, 'request_id' | 'channel' | 'place'>,
): Promise<boolean> {
  const found = await store.read({
    sql: "SELECT 1 FROM cards WHERE request_id = $1 AND channel = $2 AND place = $3 AND because = 'asked' AND folded = 1 AND state = 'live'",
    params: [request_id, channel, place],
  });
  return found.length > 0;
}

/** The one that stands for the others is to say how many there are now. */
export const wantLeader = (row: Where): Step => ({
  name: 'leader-anew',
  sql: `UPDATE cards SET wanted = wanted + 1
         WHERE request_id = (${LEADER}) AND channel = $1 AND place = $2 AND (because = $4 OR (because = 'reminded' AND $4 = 'asked'))`,
  params: at(row),
  rows: 'any',
});

/** How many nearly the same this card stands for; 0 where another does. */
export async function standsFor(store: Pick<Store, 'read'>, row: CardRow): Promise<number> {
  const [found] = await store.read({
    sql: `SELECT COUNT(*) AS n FROM cards f JOIN requests p ON p.id = f.request_id
           WHERE f.channel = $1 AND f.place = $2 AND f.likeness = $3 AND f.because = $4 AND f.folded = 1 AND f.state = 'live'
             AND p.status = 'pending' AND $5 = (${LEADER})`,
    params: [...at(row), row.request_id],
  });
  return Number(found?.['n'] ?? 0);
}

export const othersLikeIt = (count: number): readonly string[] =>
  count === 0
    ? []
    : [count === 1 ? '1 more like it waits in the inbox.' : `${count} more like it wait in the inbox.`];

/** Its request was heard to be over: it stands for nothing from now on. */
export const standDown = (request_id: string): Step => ({
  name: 'stand-down',
  sql: 'UPDATE cards SET over = 1 WHERE request_id = $1',
  params: [request_id],
  rows: 'any',
});

/**
 * A request is over, or its card is given up on. Where another stands for it, that is looked at now; where it stood itself,
 * the oldest that waits there takes its place.
 */
export const wakeFold = (request_id: string, now: number): readonly Step[] => [
  {
    name: 'wake-own',
    sql: "UPDATE cards SET next_at = $2 WHERE request_id = $1 AND folded = 1 AND state = 'live' AND next_at > $2",
    params: [request_id, now],
    rows: 'any',
  },
  {
    name: 'wake-next',
    sql: `UPDATE cards SET next_at = $2 WHERE id IN (
            SELECT MIN(f.id) FROM cards s
              JOIN cards f ON f.channel = s.channel AND f.place = s.place AND f.likeness = s.likeness AND f.because = s.because
              JOIN requests p ON p.id = f.request_id
             WHERE s.request_id = $1 AND s.because <> 'reminded' AND s.begun_at IS NOT NULL
               AND f.begun_at IS NULL AND f.folded = 1 AND f.state = 'live' AND f.next_at > $2 AND p.status = 'pending'
             GROUP BY f.channel, f.place, f.because)`,
    params: [request_id, now],
    rows: 'any',
  },
];
