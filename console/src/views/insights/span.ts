/** The time insights are of, as it stands in a URL; and its days. Pure. Days are UTC, as the gateway counts them. */
export const SPANS = [7, 30, 90, 365] as const;
export type Days = (typeof SPANS)[number];
export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export type InsightsSearch = { readonly days?: Days | undefined };
export function readInsightsSearch(given: Record<string, unknown>): InsightsSearch {
  const days = SPANS.find((span) => span === Number(given['days']));
  return days === undefined || days === 30 ? {} : { days };
}

export type Span = { readonly from: number; readonly to: number };
/** Whole days, today included; to the minute, so that looking twice asks once. */
export function spanOf({ days = 30 }: InsightsSearch, now: number): Span {
  const to = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  return { from: today - (days - 1) * DAY_MS, to };
}

export type DayCounts = {
  readonly day: number;
  readonly allowed: number;
  readonly held: number;
  readonly denied: number;
};

/** Every day of the span, those without a call too: a gap must not look like a busy week. */
export function everyDay({ from, to }: Span, days: readonly DayCounts[]): readonly DayCounts[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const all: DayCounts[] = [];
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS)
    all.push(known.get(day) ?? { day, allowed: 0, held: 0, denied: 0 });
  return all;
}

export type NamedCounts = Omit<DayCounts, 'day'> & { readonly name: string; readonly all: number };

/** Over all days, the busiest first. */
export function byName(days: readonly (DayCounts & { readonly name: string })[]): readonly NamedCounts[] {
  const sums = new Map<string, NamedCounts>();
  for (const { name, allowed, held, denied } of days) {
    const sum = sums.get(name) ?? { name, allowed: 0, held: 0, denied: 0, all: 0 };
    sums.set(name, {
      name,
      allowed: sum.allowed + allowed,
      held: sum.held + held,
      denied: sum.denied + denied,
      all: sum.all + allowed + held + denied,
    });
  }
  return [...sums.values()].sort((a, b) => b.all - a.all || (a.name < b.name ? -1 : 1));
}

/** `92 %`: never 100 where one was missing, never 0 where one was there. */
export function percent(part: number): string {
  if (part <= 0) return '0 %';
  if (part >= 1) return '100 %';
  return `${Math.min(99, Math.max(1, Math.round(part * 100)))} %`;
}
