/** How long something may take, read from policy: in seconds or longer units. */
import { isScalar } from 'yaml';
import { formatDuration, parseDuration } from '../../config/duration.ts';
import { type Cursor, complain } from './cursor.ts';

export function readDuration(
  at: Cursor,
  what: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const value = isScalar(at.node) ? at.node.value : undefined;
  const parsed = typeof value === 'string' ? parseDuration(value) : undefined;
  if (parsed === undefined) {
    return complain(at, {
      message: `${what} must be a duration`,
      fix: 'write one number and one unit: 10s, 60m, 2h or 1d',
    });
  }
  if (parsed >= range.min && parsed <= range.max) return parsed;
  const bounds = `${formatDuration(range.min)} to ${formatDuration(range.max)}`;
  return complain(at, {
    message: `${what} must be from ${bounds}`,
    fix: `write ${formatDuration(Math.min(Math.max(parsed, range.min), range.max))}`,
  });
}
