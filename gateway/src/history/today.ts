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
      sql: `SELECT decision, why, COUNT(*) AS n FROM
              (SELECT decision, CASE WHEN decision = 'denied' THEN reason END AS why
                 FROM calls WHERE at >= $1 ORDER BY at DESC, seq DESC LIMIT ${CALLS_MAX}) AS newest GROUP BY decision, why`,
      params: [since],
    }),
    decisions(store, { from: since, to: now + 1 }),
    store.read({
      sql: 'SELECT COUNT(*) AS n FROM reviews WHERE reviewed_at >= $1 AND reviewer = $2',
      params: [since, person],
    }),
  ]);
  const { approved, denied, expired, cancelled } = decided.asked;
  const looked_at = calls.reduce((sum, row) => sum + Number(row['n']), 0);
  return {
    since,
    calls: { ...countsOf(calls), more: looked_at >= CALLS_MAX },
    requests: { approved, denied, expired, cancelled },
    ...(decided.time === undefined ? {} : { median_ms: decided.time.median_ms }),
    my_reviews: Number(mine[0]?.['n'] ?? 0),
  };
}

/** What the policy itself said no to; every other refusal is somebody else's. */
const BY_POLICY: ReadonlySet<unknown> = new Set(['policy_denied', 'not_exact']);

function countsOf(rows: readonly Row[]): Omit<Today['calls'], 'more'> {
  const of = (decision: string, among: (why: unknown) => boolean = () => true): number =>
    rows.reduce(
      (sum, row) => sum + (row['decision'] === decision && among(row['why']) ? Number(row['n']) : 0),
      0,
    );
  return {
    allowed: of('allowed'),
    held: of('held'),
    denied: of('denied', (why) => BY_POLICY.has(why)),
    paused: of('denied', (why) => why === 'agent_paused'),
    unasked: of('denied', (why) => why !== 'agent_paused' && !BY_POLICY.has(why)),
  };
}
