/**
 * Approvals given faster than anyone can read. From when the request was first shown to this person to their answer,
 * against how much there was to read. It accuses nobody: it says where to look, and names people only to those who may
 * be told of everybody; to anybody else, themselves.
 */
import type { Insights } from '@countersign/sdk';
import type { Row, Store } from '../../store/store.ts';
import type { Naming, Span } from './span.ts';

/** Four times as fast as people read prose (300 words a minute, some 25 characters a second): code and arguments are skimmed. */
const CHARACTERS_PER_S = 100;
const AT_LEAST_MS = 1_000;
const REVIEWERS_MAX = 100;
const FASTEST = 20;
/** Of fewer others than this, what they did together says what one of them did. */
const OTHERS_MIN = 3;

const NEEDED = `CASE WHEN s.characters * 1000 / ${CHARACTERS_PER_S} > ${AT_LEAST_MS}
  THEN s.characters * 1000 / ${CHARACTERS_PER_S} ELSE ${AT_LEAST_MS} END`;
const APPROVALS = `reviews v LEFT JOIN request_views s ON s.request_id = v.request_id AND s.person = v.reviewer
  WHERE v.decision = 'approved' AND v.reviewed_at >= $1 AND v.reviewed_at < $2`;

const COUNTS = `COUNT(*) AS approvals,
  SUM(CASE WHEN s.shown_at IS NULL OR s.shown_at > v.reviewed_at THEN 1 ELSE 0 END) AS unseen,
  SUM(CASE WHEN s.shown_at <= v.reviewed_at AND v.reviewed_at - s.shown_at < ${NEEDED} THEN 1 ELSE 0 END) AS fast`;

export async function reading(
  store: Store,
  { from, to }: Span,
  naming: Naming,
): Promise<Insights['reading']> {
  const [named, params] =
    naming.kind === 'only' ? ['AND v.reviewer = $3', [from, to, naming.person]] : ['', [from, to]];
  const [reviewers, fastest, all] = await Promise.all([
    store.read({
      sql: `SELECT v.reviewer AS reviewer, ${COUNTS}
              FROM ${APPROVALS} ${named} GROUP BY v.reviewer ORDER BY fast DESC, approvals DESC, v.reviewer LIMIT ${REVIEWERS_MAX}`,
      params,
    }),
    store.read({
      sql: `SELECT v.request_id AS request_id, v.reviewer AS reviewer, v.reviewed_at AS reviewed_at,
                   v.reviewed_at - s.shown_at AS took_ms, s.characters AS characters
              FROM ${APPROVALS} ${named} AND s.shown_at <= v.reviewed_at AND v.reviewed_at - s.shown_at < ${NEEDED}
             ORDER BY (v.reviewed_at - s.shown_at) * 1000 / (s.characters + 1), v.request_id LIMIT ${FASTEST}`,
      params,
    }),
    together(store, { from, to }, naming),
  ]);
  return {
    assumed: { characters_per_s: CHARACTERS_PER_S, at_least_ms: AT_LEAST_MS },
    of: naming.kind === 'only' ? 'you' : 'everybody',
    ...(all === undefined ? {} : { all }),
    reviewers: reviewers.map((row) => ({ reviewer: String(row['reviewer']), ...countsOf(row) })),
    fastest: fastest.map((row) => ({
      request_id: String(row['request_id']),
      reviewer: String(row['reviewer']),
      reviewed_at: Number(row['reviewed_at']),
      took_ms: Number(row['took_ms']),
      characters: Number(row['characters']),
    })),
  };
}

const countsOf = (row: Row) => ({
  approvals: Number(row['approvals']),
  fast: Number(row['fast'] ?? 0),
  unseen: Number(row['unseen'] ?? 0),
});

/** Undefined where it would say what one person did to somebody who is told of themselves alone. */
async function together(
  store: Store,
  { from, to }: Span,
  naming: Naming,
): Promise<Insights['reading']['all'] | undefined> {
  const [row] = await store.read({
    sql: `SELECT COUNT(DISTINCT v.reviewer) AS reviewers,
                 COUNT(DISTINCT CASE WHEN v.reviewer = $3 THEN v.reviewer END) AS own, ${COUNTS} FROM ${APPROVALS}`,
    params: [from, to, naming.kind === 'only' ? naming.person : ''],
  });
  const reviewers = Number(row?.['reviewers'] ?? 0);
  if (row === undefined || reviewers === 0) return undefined;
  if (naming.kind === 'only' && reviewers - Number(row['own']) < OTHERS_MIN) return undefined;
  return { reviewers, ...countsOf(row) };
}
