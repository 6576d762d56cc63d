/**
 * Text that is not ours, on a card. It goes into runs of text and nowhere else: Adaptive Cards read Markdown and mentions
 * in text blocks and facts, and neither in runs (A2). What a client would still make something of is taken apart here.
 */
import type { JsonObject } from '@countersign/core';

/** The fields of a run that are ours to set. */
export type Style = {
  readonly weight?: 'Bolder';
  readonly size?: 'Small' | 'Medium';
  readonly fontType?: 'Monospace';
  readonly isSubtle?: true;
  readonly italic?: true;
  readonly color?: 'Attention' | 'Good' | 'Warning';
};

/**
 * Lossless. `{{DATE(…)}}` and `{{TIME(…)}}` are evaluated by clients in runs too, so that a reader would see other words
 * than those that run (A1): two braces never stand in one run. Spaces that a client would merge are made ones it keeps.
 */
export function runs(text: string, style: Style = {}): readonly JsonObject[] {
  if (text === '') return [];
  return keepSpaces(text)
    .split(/(?<=\{)(?=\{)/)
    .map((part) => ({ type: 'TextRun', text: part, ...style }));
}

const NBSP = '\u00a0';
const keepSpaces = (text: string): string =>
  text.replace(/^ +| +$| {2,}/g, (spaces) => NBSP.repeat(spaces.length)).replace(/^$/, NBSP);

/** One paragraph of runs. */
export const paragraph = (inlines: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  type: 'RichTextBlock',
  inlines: inlines.length === 0 ? [{ type: 'TextRun', text: NBSP }] : inlines,
  ...more,
});

/** Words of ours. Never called with anything that came from elsewhere. */
export const words = (text: string, more: JsonObject = {}): JsonObject => ({
  type: 'TextBlock',
  text,
  wrap: true,
  ...more,
});

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** In UTC, and saying so: a card is read in every time zone at once. */
export function when(ms: number): string {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}

/** `1 h 5 min`, rounded down to what still stands. */
export function lasting(ms: number): string {
  const minutes = Math.max(Math.floor(ms / 60_000), 0);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [days > 0 ? `${days} d` : '', hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''];
  return parts.filter((part) => part !== '').join(' ') || 'under a minute';
}
