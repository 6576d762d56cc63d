/**
 * Where in the file each character of a scalar's value stands, so that an error inside a condition points at the very
 * word, whatever YAML style the condition is written in: plain, quoted, `|` or `>`, over several lines.
 */
import { isScalar } from 'yaml';
import type { Cursor } from './cursor.ts';
import type { Span } from './document.ts';

const BLANK = /\s/;

export function spanInside(at: Cursor, value: string, inner: Span): Span {
  if (!isScalar(at.node)) return at.span;
  const raw = at.source.text.slice(at.span.start, at.span.end);
  const offsets = align(raw, value, headerLength(raw));
  const start = offsets[Math.min(inner.start, offsets.length - 1)];
  const last = offsets[Math.min(Math.max(inner.end - 1, inner.start), offsets.length - 1)];
  if (start === undefined || last === undefined) return at.span;
  return { start: at.span.start + start, end: at.span.start + last + 1 };
}

/** Length of a block scalar's `|-` or `>2` line, which is not part of the value. */
const headerLength = (raw: string): number => (/^[|>]/.test(raw) ? raw.indexOf('\n') + 1 : 0);

/** Walks value and raw text together; blanks match any run of blanks, and escapes are stepped over. */
function align(raw: string, value: string, from: number): readonly number[] {
  const offsets: number[] = [];
  let at = from;
  for (const character of value) {
    if (!BLANK.test(character)) {
      const found = raw.indexOf(character, at);
      if (found >= 0) at = found;
    }
    for (let unit = 0; unit < character.length; unit++) offsets.push(Math.min(at + unit, raw.length));
    at += BLANK.test(character) && !BLANK.test(raw[at] ?? '') ? 0 : character.length;
  }
  return offsets;
}
