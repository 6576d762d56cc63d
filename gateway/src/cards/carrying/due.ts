/** What is to be carried, and what of it first. */
import type { Store } from '../../store/store.ts';
import { CARD_COLUMNS, type CardRow, cardRow } from '../rows.ts';

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
    sql: `SELECT ${CARD_COLUMNS}, lane FROM (
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
