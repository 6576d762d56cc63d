/** `--since` of the verbs that look back: how long ago, or a date. */
import { parseDuration } from '../../config/duration.ts';
import { UsageError } from '../verb.ts';

export const SINCE_USAGE = '--since SINCE   7d, 12h, or a date or time such as 2026-11-21T06:00Z';

export function sinceOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const span = parseDuration(text);
  const time = span === undefined ? Date.parse(text) : now - span;
  if (Number.isNaN(time) || time < 0 || time > now)
    throw new UsageError(`--since ${text}: give how long ago (7d, 12h) or a past date such as 2026-11-21`);
  return time;
}
