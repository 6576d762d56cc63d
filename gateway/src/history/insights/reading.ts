/**
 * Approvals given faster than anyone can read. From when the request was first shown to this person to their answer,
 * against how much there was to read. It accuses nobody: it says where to look.
 */
import type { Insights } from '@countersign/sdk';
import type { Store } from '../../store/store.ts';
import type { Span } from './span.ts';

/** Four times as fast as people read prose (300 words a minute, some 25 characters a second): code and arguments are skimmed. */
const CHARACTERS_PER_S = 100;
const AT_LEAST_MS = 1_000;
const REVIEWERS_MAX = 100;
const FASTEST = 20;

const NEEDED = `CASE WHEN s.characters * 1000 / ${CHARACTERS_PER_S} > ${AT_LEAST_MS}
  THEN s.characters * 1000 / ${CHARACTERS_PER_S} ELSE ${AT_LEAST_MS} END`;
const APPROVALS = `reviews v LEFT JOIN request_views s ON s.request_id = v.request_id AND s.person = v.reviewer
  WHERE v.decision = 'approved' AND v.reviewed_at >= $1 AND v.reviewed_at < $2`;

export async function reading(store: Store, { from, to }: Span): Promise<Insights['reading']> {
  const params = [from, to];
  const [reviewers, fastest] = await Promise.all([
    store.read({
      sql: `SELECT v.reviewer AS reviewer, COUNT(*) AS approvals,
                   SUM(CASE WHEN s.shown_at IS NULL OR s.shown_at > v.reviewed_at THEN 1 ELSE 0 END) AS unseen,
                   SUM(CASE WHEN s.shown_at <= v.reviewed_at AND v.reviewed_at - s.shown_at < ${NEEDED} THEN 1 ELSE 0 END) AS fast
              FROM ${APPROVALS} GROUP BY v.reviewer ORDER BY fast DESC, approvals DESC, v.reviewer LIMIT ${REVIEWERS_MAX}`,
      params,
    }),
    store.read({
      sql: `SELECT v.request_id AS request_id, v.reviewer AS reviewer, v.reviewed_at AS reviewed_at,
                   v.reviewed_at - s.shown_at AS took_ms, s.characters AS characters
              FROM ${APPROVALS} AND s.shown_at <= v.reviewed_at AND v.reviewed_at - s.shown_at < ${NEEDED}
             ORDER BY (v.reviewed_at - s.shown_at) * 1000 / (s.characters + 1), v.request_id LIMIT ${FASTEST}`,
      params,
    }),
  ]);
  return {
    assumed: { characters_per_s: CHARACTERS_PER_S, at_least_ms: AT_LEAST_MS },
    reviewers: reviewers.map((row) => ({
      reviewer: String(row['reviewer']),
      approvals: Number(row['approvals']),
      fast: Number(row['fast']),
      unseen: Number(row['unseen']),
    })),
    fastest: fastest.map((row) => ({
      request_id: String(row['request_id']),
      reviewer: String(row['reviewer']),
      reviewed_at: Number(row['reviewed_at']),
      took_ms: Number(row['took_ms']),
      characters: Number(row['characters']),
    })),
  };
}
