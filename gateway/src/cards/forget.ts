/** What cards keep, and when it goes: with the clear text of their request, or long after that is over. */
import type { Clock } from '../clock.ts';
import type { Step, Store } from '../store/store.ts';

/**
 * A request’s clear text goes: so do digests of what its cards showed, which could be tried against guesses, and what a service
 * said of them. Each that stands somewhere, or may, is shown anew without it, one given up on too: it may be possible by now.
 */
export const forgetShown = (request_id: string, now: number): readonly Step[] => [
  {
    name: 'forget-versions',
    sql: "UPDATE card_versions SET rendered_digest = '' WHERE card_id IN (SELECT id FROM cards WHERE request_id = $1)",
    params: [request_id],
    rows: 'any',
  },
  {
    name: 'forget-dead',
    sql: `UPDATE cards SET state = 'live', attempts = 0, failing_since = NULL, next_at = $2
           WHERE request_id = $1 AND state = 'dead' AND (posted IS NOT NULL OR maybe_posted = 1)`,
    params: [request_id, now],
    rows: 'any',
  },
  {
    name: 'forget-shown',
    sql: `UPDATE cards SET shown_digest = NULL, wanted = wanted + 1,
                 trouble = CASE WHEN state = 'dead' THEN 'Its request was erased.' ELSE NULL END WHERE request_id = $1`,
    params: [request_id],
    rows: 'any',
  },
];

const KEPT_MS = 90 * 86_400_000;
const AT_ONCE = 500;

/** Cards of requests long over say nothing to anybody any more: a click on one is a click on nothing. Glass nobody has judged is not over. */
export async function forgetOldCards(store: Pick<Store, 'read' | 'commit'>, now: Clock): Promise<void> {
  for (;;) {
    const old = await store.read({
      sql: `SELECT c.id FROM cards c JOIN requests r ON r.id = c.request_id
             WHERE r.resolved_at < $1 AND NOT EXISTS (SELECT 1 FROM broken_glass g WHERE g.request_id = r.id AND g.status = 'open')
             LIMIT ${AT_ONCE}`,
      params: [now() - KEPT_MS],
    });
    const ids = old.map((row) => String(row['id']));
    const list = ids.map((_, at) => `$${at + 1}`).join(', ') || 'NULL';
    await store.commit({
      name: 'forget-cards',
      steps: [
        {
          name: 'forget-versions',
          sql: `DELETE FROM card_versions WHERE card_id IN (${list})`,
          params: ids,
          rows: 'any',
        },
        { name: 'forget-cards', sql: `DELETE FROM cards WHERE id IN (${list})`, params: ids, rows: 'any' },
      ],
      entries: [],
      unhurried: true,
    });
    if (ids.length < AT_ONCE) return;
  }
}
