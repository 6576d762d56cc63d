// How a redacted value is shown: its kind, length and origin, never its text (I6, I7), between marks that untrusted
// text cannot write (A1).
import { MARK_CLOSE, MARK_OPEN } from './code-points.ts';
import { visible } from './visible.ts';

/** What must not be shown. Without `range` the whole value; with it, UTF-16 offsets inside a string. */
export type Redaction = {
  readonly kind: 'secret' | 'pii' | 'failure';
  readonly label: string; // github-token, email …
  readonly chars: number;
  /** Where the value came from, e.g. the name of a credential. */
  readonly origin?: string;
  readonly range?: { readonly start: number; readonly end: number };
};

const LABEL_CHARS_MAX = 200;

/** `‹secret: github-token, 40 characters›`, and `, from …` where the origin is known. */
export function redactionMark({ kind, label, chars, origin }: Redaction): string {
  const from = origin === undefined ? '' : `, from ${plain(origin)}`;
  return `${MARK_OPEN}${kind}: ${plain(label)}, ${chars} character${chars === 1 ? '' : 's'}${from}${MARK_CLOSE}`;
}

/** Shows `text` with its redacted ranges as marks; `show` renders what lies between. Overlaps merge into the first. */
export function showRedacted(
  text: string,
  redactions: readonly Redaction[],
  show: (part: string) => string,
): string {
  if (redactions.length === 0) return show(text);
  const parts: string[] = [];
  let at = 0;
  for (const redaction of byStart(redactions)) {
    const { start, end } = redaction.range ?? { start: 0, end: text.length };
    if (end <= at) continue;
    if (start > at) parts.push(show(text.slice(at, start)));
    if (start >= at) parts.push(redactionMark(redaction));
    at = end;
  }
  if (at < text.length) parts.push(show(text.slice(at)));
  return parts.join(' ');
}

function byStart(redactions: readonly Redaction[]): readonly Redaction[] {
  return [...redactions].sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
}

function plain(text: string): string {
  return visible(text, { chars_max: LABEL_CHARS_MAX }).text;
}
