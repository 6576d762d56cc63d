// Escapes glue letters to a secret's front ("\nAKIA…" in quoted JSON, "%3Dghp_…" in a URL) and hide its boundary.
// The view is the same text with escapes blanked, character for character, so that ranges stay true. One pass.

export type View = {
  /** Of the same length as the text it is of. */
  readonly text: string;
  /** Where the escapes that were blanked begin, in order. */
  readonly blanked: readonly number[];
};

const BACKSLASH = 0x5c;
/** Backslashes double with each level of quoting. */
const BACKSLASHES_MAX = 4;
const [SPACE, NOTHING] = [0x20, 0];
/** What may follow backslashes, and what stays of it: letters are control characters and vanish, marks stay. */
const KEPT = new Map<number, number>([
  ...[...'nrtbf'].map((char): [number, number] => [char.charCodeAt(0), SPACE]),
  ...[...'"\'/'].map((char): [number, number] => [char.charCodeAt(0), char.charCodeAt(0)]),
]);

/** Undefined when there is nothing to blank. */
export function decodedView(text: string): View | undefined {
  const blanked: number[] = [];
  const found: Escape = { start: 0, end: 0, kept: NOTHING };
  let copy: Copy | undefined;
  let percent = nextOf('%', text, 0);
  let backslash = nextOf('\\', text, 0);
  while (percent !== backslash) {
    if (percent < backslash) percentAt(text, percent, found);
    else backslashedAt(text, backslash, found);
    const { start, end, kept } = found;
    if (percent < end) percent = nextOf('%', text, end);
    if (backslash < end) backslash = nextOf('\\', text, end);
    if (kept === NOTHING) continue;
    copy ??= copyOf(text);
    blank(copy, start, end - 1);
    put(copy, end - 1, kept);
    blanked.push(start);
  }
  return copy === undefined ? undefined : { text: copy.bytes.toString(copy.encoding), blanked };
}

/** The end of the text when there is none. */
function nextOf(char: string, text: string, from: number): number {
  const at = text.indexOf(char, from);
  return at < 0 ? text.length : at;
}

/** Text to write into: one of pieces would have as many as there are escapes. */
type Copy = { readonly bytes: Buffer; readonly encoding: 'latin1' | 'utf16le' };

/** Two bytes a character only where one is not enough. */
function copyOf(text: string): Copy {
  const encoding = /[\u0100-\uffff]/.test(text) ? 'utf16le' : 'latin1';
  return { bytes: Buffer.from(text, encoding), encoding };
}

function blank(copy: Copy, start: number, end: number): void {
  for (let at = start; at < end; at += 1) put(copy, at, SPACE);
}

/** ASCII only. */
function put({ bytes, encoding }: Copy, at: number, code: number): void {
  if (encoding === 'latin1') bytes[at] = code;
  else {
    bytes[2 * at] = code;
    bytes[2 * at + 1] = 0;
  }
}

/** `kept`: the character that stays of it; nothing when it is no escape. Filled in place: a text may be nothing but escapes. */
type Escape = { start: number; end: number; kept: number };

/** `%20` to `%7f`. */
function percentAt(text: string, start: number, found: Escape): void {
  const high = text.charCodeAt(start + 1);
  const low = hexAt(text, start + 2);
  const isEscape = high >= 0x32 && high <= 0x37 && low >= 0;
  found.start = start;
  found.end = isEscape ? start + 3 : start + 1;
  found.kept = isEscape ? printable((high - 0x30) * 16 + low) : NOTHING;
}

/** One to four backslashes, and a letter, a mark or `u00` with two digits. */
function backslashedAt(text: string, from: number, found: Escape): void {
  let after = from + 1;
  while (text.charCodeAt(after) === BACKSLASH) after += 1;
  found.start = Math.max(from, after - BACKSLASHES_MAX);
  found.end = after + 1;
  found.kept = KEPT.get(text.charCodeAt(after)) ?? NOTHING;
  if (found.kept !== NOTHING) return;
  const high = text.charCodeAt(after + 3);
  const low = hexAt(text, after + 4);
  const isCode = high >= 0x30 && high <= 0x37 && low >= 0 && text.startsWith('u00', after);
  found.end = isCode ? after + 5 : after;
  found.kept = isCode ? printable((high - 0x30) * 16 + low) : NOTHING;
}

const printable = (code: number): number => (code >= SPACE && code <= 0x7e ? code : SPACE);

/** -1: no digit. */
function hexAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
