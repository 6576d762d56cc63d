/** How far back one looks. In the URL as a word, so that a link sent today means the same tomorrow. */
const HOUR_MS = 3_600_000;
const DAYS = { day: 1, week: 7, month: 30, quarter: 90 } as const;

export type Span = keyof typeof DAYS;
export const SPANS: readonly { readonly id: Span; readonly label: string }[] = [
  { id: 'day', label: 'Last day' },
  { id: 'week', label: 'Last 7 days' },
  { id: 'month', label: 'Last 30 days' },
  { id: 'quarter', label: 'Last 90 days' },
];
export const isSpan = (value: unknown): value is Span => SPANS.some(({ id }) => id === value);

/** To the hour, so that the same question asked twice is one question. */
export function sinceOf(span: Span = 'month', now = Date.now()): number {
  return Math.floor(now / HOUR_MS) * HOUR_MS - DAYS[span] * 24 * HOUR_MS;
}
