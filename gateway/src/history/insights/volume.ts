/** How much was asked, day by day: by agent, by deciding rule, and altogether. */
import type { DayVolume, Insights } from '@countersign/sdk';
import type { Store } from '../../store/store.ts';
import type { Span } from './span.ts';

const DAY_MS = 86_400_000;
/** Agents and rules told of, those with the most calls. */
const NAMES_MAX = 20;

export async function volume(store: Store, { from, to }: Span): Promise<Insights['volume']> {
  const days = [Math.floor(from / DAY_MS), Math.floor((to - 1) / DAY_MS)];
  const of = (name: string, where: string) => byDay(store, { name, where, days });
  const [agents, rules, all] = await Promise.all([
    of('agent', "rule = ''"),
    of('rule', "rule <> ''"),
    of('rule', "rule = ''"),
  ]);
  return { agents, rules, all };
}

type Counting = { readonly name: string; readonly where: string; readonly days: readonly number[] };

async function byDay(store: Store, { name, where, days }: Counting): Promise<readonly DayVolume[]> {
  const within = `${where} AND day >= $1 AND day <= $2`;
  const sum = (decision: string): string =>
    `SUM(CASE WHEN decision = '${decision}' THEN calls ELSE 0 END) AS ${decision}`;
  const rows = await store.read({
    sql: `SELECT day, ${name} AS name, ${sum('allowed')}, ${sum('held')}, ${sum('denied')} FROM call_days
           WHERE ${within} AND ${name} IN (SELECT ${name} FROM call_days WHERE ${within} GROUP BY ${name} ORDER BY SUM(calls) DESC LIMIT ${NAMES_MAX})
           GROUP BY day, ${name} ORDER BY day, name`,
    params: days,
  });
  return rows.map((row) => ({
    day: Number(row['day']) * DAY_MS,
    name: String(row['name']),
    allowed: Number(row['allowed']),
    held: Number(row['held']),
    denied: Number(row['denied']),
  }));
}
