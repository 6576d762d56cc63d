/** What people decided, how long it took them, and which rules they always say yes to. */
import type { Asked, DecisionTime, Insights, RuleInsight } from '@countersign/sdk';
import type { Row, Store } from '../../store/store.ts';
import type { Span } from './span.ts';

/** The newest so many held calls are looked at. */
const HELD_MAX = 50_000;
/** Sets of rules told of, the most used first. */
const RULES_MAX = 200;
/** Fewer decisions than this make no rule one that always approves. */
const ALWAYS_FROM = 5;

/** Who was asked answered; what came of the run later is another question. What a ticket system refused, no person denied. */
const HELD = `held AS (
  SELECT rules, CASE
      WHEN outcome = 'denied' AND reviews = '[]' THEN 'cancelled'
      WHEN outcome IN ('waiting', 'denied', 'expired', 'cancelled', 'void') THEN outcome ELSE 'approved' END AS went,
    resolved_at - at AS took
    FROM calls WHERE decision = 'held' AND at >= $1 AND at < $2 ORDER BY at DESC, seq DESC LIMIT $3)`;

export async function decisions(
  store: Store,
  { from, to }: Span,
): Promise<Pick<Insights, 'asked' | 'time' | 'rules' | 'always_from' | 'looked_at'>> {
  const params = [from, to, HELD_MAX];
  const [counts, times, overall] = await Promise.all([
    store.read({
      sql: `WITH ${HELD} SELECT rules, went, COUNT(*) AS n FROM held GROUP BY rules, went`,
      params,
    }),
    store.read({ sql: timesBy('rules'), params }),
    store.read({ sql: timesBy("''"), params }),
  ]);
  const all = counted(counts);
  const time = overall[0] === undefined ? undefined : timeOf(overall[0]);
  const looked_at = all.held >= HELD_MAX ? HELD_MAX : undefined;
  return {
    asked: all,
    ...(time === undefined ? {} : { time }),
    rules: byRules(counts, new Map(times.map((row) => [String(row['rules']), timeOf(row)]))),
    always_from: ALWAYS_FROM,
    ...(looked_at === undefined ? {} : { looked_at }),
  };
}

/** The nearest rank: a median and a ninth decile that did happen. */
const timesBy = (group: string): string => `
  WITH ${HELD}, decided AS (
    SELECT ${group} AS rules, took, ROW_NUMBER() OVER (PARTITION BY ${group} ORDER BY took) AS rank,
           COUNT(*) OVER (PARTITION BY ${group}) AS n FROM held WHERE went IN ('approved', 'denied'))
  SELECT rules, n, MAX(CASE WHEN rank = (n + 1) / 2 THEN took END) AS median,
         MAX(CASE WHEN rank = (9 * n + 9) / 10 THEN took END) AS p90
    FROM decided GROUP BY rules, n ORDER BY n DESC, rules LIMIT ${RULES_MAX}`;

const timeOf = (row: Row): DecisionTime => ({
  decided: Number(row['n']),
  median_ms: Number(row['median']),
  p90_ms: Number(row['p90']),
});

function counted(rows: readonly Row[]): Asked {
  const of = (went: string): number =>
    rows.reduce((sum, row) => sum + (row['went'] === went ? Number(row['n']) : 0), 0);
  const [approved, denied] = [of('approved'), of('denied')];
  return {
    held: rows.reduce((sum, row) => sum + Number(row['n']), 0),
    approved,
    denied,
    expired: of('expired'),
    cancelled: of('cancelled'),
    waiting: of('waiting'),
    ...(approved + denied === 0 ? {} : { approval_rate: approved / (approved + denied) }),
  };
}

function byRules(rows: readonly Row[], times: ReadonlyMap<string, DecisionTime>): readonly RuleInsight[] {
  const sets = Map.groupBy(rows, (row) => String(row['rules']));
  return [...sets]
    .map(([set, of]): RuleInsight => {
      const asked = counted(of);
      const time = times.get(set);
      return {
        rules: JSON.parse(set) as string[],
        ...asked,
        ...(time === undefined ? {} : { time }),
        always_approved: asked.denied === 0 && asked.approved >= ALWAYS_FROM,
      };
    })
    .sort((a, b) => b.held - a.held)
    .slice(0, RULES_MAX);
}
