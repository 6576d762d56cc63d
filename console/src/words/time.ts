/** Times as words. Unix milliseconds everywhere; by 24 hours everywhere, so that two pages can be compared. */
const EXACT = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const UTC_DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const LOG = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const TO_THE_SECOND = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;

export const exactTime = (at: number): string => EXACT.format(at);
export const clockTime = (at: number): string => CLOCK.format(at);
/** In long lists read by the second. */
export const logTime = (at: number): string => LOG.format(at);
/** To the second; with its day once that could be another. */
export const secondTime = (at: number, now: number): string =>
  now - at < DAY_MS / 2 ? TO_THE_SECOND.format(at) : LOG.format(at);
/** Of a day the gateway counted: those are UTC wherever one looks from. */
export const utcDay = (at: number): string => UTC_DAY.format(at);
export const dayOf = (at: number): string => DAY.format(at);

/** `4 min`, `2 h 10 min`, `3 days`: at most two units, for a span of time. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / SECOND)} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min`;
  if (left < DAY_MS) {
    const minutes = Math.floor((left % HOUR) / MINUTE);
    return `${Math.floor(left / HOUR)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
  }
  const days = Math.floor(left / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

/** How long something took: `9 ms`, `1.4 s`, then as a span. */
export function took(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  return span(ms);
}

/** How long ago, or how far ahead, as somebody would say it. */
export function relative(at: number, now: number): string {
  const past = now - at;
  if (Math.abs(past) < 5 * SECOND) return 'now';
  if (past < 0) return `in ${span(-past)}`;
  if (past < 7 * DAY_MS) return `${span(past)} ago`;
  return dayOf(at);
}

/** `4:07` under an hour, else as a span: what is left of a request. */
export function countdown(ms: number): string {
  if (ms <= 0) return '0:00';
  if (ms >= HOUR) return span(ms);
  const seconds = Math.floor(ms / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
