/** Durations as people write them: `10s`, `60m`, `2h`, `1d`. One number and one unit; nothing to add up in one's head. */

import { isScalar } from 'yaml';
import { type Cursor, complain } from './cursor.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SHAPE = /^([1-9]\d{0,8})(s|m|h|d)$/;

export function parseDuration(text: string): number | undefined {
  const [, count, unit] = SHAPE.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** The shortest way to write a duration. */
export function formatDuration(duration_ms: number): string {
  const units = Object.entries(UNIT_MS).reverse();
  const [unit, size] = units.find(([, ms]) => duration_ms >= ms && duration_ms % ms === 0) ?? [
    's',
    UNIT_MS.s,
  ];
  return `${duration_ms / size}${unit}`;
}

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
