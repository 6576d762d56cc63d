/** What happened since this morning, for whoever looks at an empty inbox. */
import type { Today } from '@countersign/sdk';
import type { Row, Store } from '../store/store.ts';
import { decisions } from './insights/decisions.ts';

/** The newest so many calls are counted. */
const CALLS_MAX = 100_000;

export type Since = { readonly person: string; readonly since: number; readonly now: number };

export async function todayOf(
  store: Store,
  { person, since, now }: Since,
): Promise<Omit<Today, 'waiting' | 'followed'>> {
  const [calls, decided, mine] = await Promise.all([
    store.read({
      sql: `SELECT decision, COUNT(*) AS n FROM
              (SELECT decision FROM calls WHERE at >= $1 ORDER BY at DESC, seq DESC LIMIT ${CALLS_MAX}) AS newest GROUP BY decision`,
      params: [since],
    }),
    decisions(store, { from: since, to: now + 1 }),
    store.read({
      sql: 'SELECT COUNT(*) AS n FROM reviews WHERE reviewed_at >= $1 AND reviewer = $2',
      params: [since, person],
    }),
  ]);
  const { approved, denied, expired, cancelled } = decided.asked;
  const counts = countsOf(calls);
  return {
    since,
    calls: { ...counts, more: counts.allowed + counts.held + counts.denied >= CALLS_MAX },
    requests: { approved, denied, expired, cancelled },
    ...(decided.time === undefined ? {} : { median_ms: decided.time.median_ms }),
    my_reviews: Number(mine[0]?.['n'] ?? 0),
  };
}

function countsOf(rows: readonly Row[]) {
  const of = (decision: string): number =>
    Number(rows.find((row) => row['decision'] === decision)?.['n'] ?? 0);
  return { allowed: of('allowed'), held: of('held'), denied: of('denied') };
}
