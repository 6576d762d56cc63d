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
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== BACKSLASH && code !== PERCENT) continue;
    const escape_ = code === PERCENT ? percentAt(text, at) : backslashedAt(text, at);
    if (escape_.kept !== undefined) {
      out.push(
        text.slice(copied, escape_.start),
        BLANKS[escape_.end - escape_.start - 1] ?? '',
        escape_.kept,
      );
      blanked.push(escape_.start);
      copied = escape_.end;
    }
    at = escape_.end - 1;
  }
  if (blanked.length === 0) return undefined;
  out.push(text.slice(copied));
  return { text: out.join(''), blanked };
}

/** `kept`: the character that stays of it; undefined when it is no escape. */
type Escape = { readonly start: number; readonly end: number; readonly kept: string | undefined };

/** `%20` to `%7f`. */
function percentAt(text: string, start: number): Escape {
  const high = text.charCodeAt(start + 1);
  const low = hexAt(text, start + 2);
  if (!(high >= 0x32 && high <= 0x37) || low === undefined) return { start, end: start + 1, kept: undefined };
  return { start, end: start + 3, kept: printable((high - 0x30) * 16 + low) };
}

/** One to four backslashes, and a letter, a mark or `u00` with two digits. */
function backslashedAt(text: string, from: number): Escape {
  let after = from;
  while (text.charCodeAt(after) === BACKSLASH) after += 1;
  const start = Math.max(from, after - BACKSLASHES_MAX);
  const kept = KEPT.get(text.charCodeAt(after));
  if (kept !== undefined) return { start, end: after + 1, kept };
  const high = text.charCodeAt(after + 3);
  const low = hexAt(text, after + 4);
  const isCode = text.startsWith('u00', after) && high >= 0x30 && high <= 0x37;
  if (!isCode || low === undefined) return { start: from, end: after, kept: undefined };
  return { start, end: after + 5, kept: printable((high - 0x30) * 16 + low) };
}

const printable = (code: number): string => (code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : ' ');

function hexAt(text: string, at: number): number | undefined {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}
