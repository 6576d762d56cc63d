/** Times in words. Pure: `now` is an argument; without it times are absolute, in UTC. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `45 s`, `58 min`, `3 h 10 min`, `2 days`. */
export function span(ms: number): string {
  const most = Math.max(0, ms);
  if (most < MINUTE) return `${Math.floor(most / 1000)} s`;
  if (most < HOUR) return `${Math.floor(most / MINUTE)} min`;
  if (most >= 2 * DAY) return `${Math.floor(most / DAY)} days`;
  const minutes = Math.floor((most % HOUR) / MINUTE);
  return `${Math.floor(most / HOUR)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}

/** `2026-11-21 05:40:00 UTC`. */
export function instant(at: number): string {
  const date = new Date(at);
  // Out of what a date can be: said as the number it is, rather than thrown over.
  if (Number.isNaN(date.getTime())) return String(at);
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function ago(at: number, now: number | undefined): string {
  if (now === undefined) return `at ${instant(at)}`;
  return now - at < 5000 ? 'just now' : `${span(now - at)} ago`;
}

export function left(at: number, now: number | undefined): string {
  if (now === undefined) return `until ${instant(at)}`;
  return at <= now ? 'time is up' : `${span(at - now)} left`;
}
