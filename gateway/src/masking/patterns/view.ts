// Escapes glue letters to a secret's front ("\nAKIA…" in quoted JSON, "%3Dghp_…" in a URL) and hide its boundary.
// The view is the same text with escapes blanked, character for character, so that ranges stay true. One pass.

export type View = {
  /** Of the same length as the text it is of. */
  readonly text: string;
  /** Where the escapes that were blanked begin, in order. */
  readonly blanked: readonly number[];
};

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
/** Backslashes double with each level of quoting. */
const BACKSLASHES_MAX = 4;
/** What may follow backslashes, and what stays of it: letters are control characters and vanish, marks stay. */
const KEPT = new Map<number, string>([
  ...[...'nrtbf'].map((char): [number, string] => [char.charCodeAt(0), ' ']),
  ...[...'"\'/'].map((char): [number, string] => [char.charCodeAt(0), char]),
]);
const BLANKS = Array.from({ length: BACKSLASHES_MAX + 6 }, (_, count) => ' '.repeat(count));

/** Undefined when there is nothing to blank. */
export function decodedView(text: string): View | undefined {
  if (!text.includes('\\') && !text.includes('%')) return undefined;
  const blanked: number[] = [];
  const out: string[] = [];
  const found: Escape = { start: 0, end: 0, kept: '' };
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== BACKSLASH && code !== PERCENT) continue;
    if (code === PERCENT) percentAt(text, at, found);
    else backslashedAt(text, at, found);
    const { start, end, kept } = found;
    if (kept !== '') {
      out.push(text.slice(copied, start));
      if (kept !== ' ') out.push(BLANKS[end - start - 1] ?? '', kept);
      else out.push(BLANKS[end - start] ?? '');
      blanked.push(start);
      copied = end;
    }
    at = end - 1;
  }
  if (blanked.length === 0) return undefined;
  out.push(text.slice(copied));
  return { text: out.join(''), blanked };
}

/** `kept`: the character that stays of it; none when it is no escape. Filled in place: a text may be nothing but escapes. */
type Escape = { start: number; end: number; kept: string };

/** `%20` to `%7f`. */
function percentAt(text: string, start: number, found: Escape): void {
  const high = text.charCodeAt(start + 1);
  const low = hexAt(text, start + 2);
  const isEscape = high >= 0x32 && high <= 0x37 && low >= 0;
  found.start = start;
  found.end = isEscape ? start + 3 : start + 1;
  found.kept = isEscape ? printable((high - 0x30) * 16 + low) : '';
}

/** One to four backslashes, and a letter, a mark or `u00` with two digits. */
function backslashedAt(text: string, from: number, found: Escape): void {
  let after = from + 1;
  while (text.charCodeAt(after) === BACKSLASH) after += 1;
  found.start = Math.max(from, after - BACKSLASHES_MAX);
  found.end = after + 1;
  found.kept = KEPT.get(text.charCodeAt(after)) ?? '';
  if (found.kept !== '') return;
  const high = text.charCodeAt(after + 3);
  const low = hexAt(text, after + 4);
  const isCode = high >= 0x30 && high <= 0x37 && low >= 0 && text.startsWith('u00', after);
  found.end = isCode ? after + 5 : after;
  found.kept = isCode ? printable((high - 0x30) * 16 + low) : '';
}

const printable = (code: number): string => (code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : ' ');

/** -1: no digit. */
function hexAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
