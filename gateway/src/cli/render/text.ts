/**
 * Text in columns. Pure. Breaking lines here, and not leaving it to the terminal, is what keeps a long line of an
 * agent's from beginning a row that looks like ours (A1).
 */

/** Made when it is first wanted: its tables stay, and a gateway says little that needs them. */
let segmenter: Intl.Segmenter | undefined;
/** Nothing of it goes together with what is beside it: Latin letters, dashes and quotes. */
const APART = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027]*$/;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide and fullwidth, and pictographs (Unicode UAX #11, approximately and never too narrow). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

/** Columns a terminal needs. */
export function columns(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let total = 0;
  for (const piece of pieces(text)) total += pieceColumns(piece);
  return total;
}

/** An escape or a mark of core's display: ASCII between ‹ and ›, so as many columns as characters. */
const WHOLE = /(\\u\{[0-9A-F]+(?:\*\d+)?\}|‹[\x20-\x7e]{1,48}›)/;

/** What must not be parted: an escape, a mark, or one grapheme; wider than a row, they must. */
function* pieces(text: string, width = Number.POSITIVE_INFINITY): Generator<string, void> {
  for (const [index, part] of text.split(WHOLE).entries()) {
    if (index % 2 === 1 && part.length <= width) yield part;
    else if (APART.test(part)) yield* part;
    else for (const { segment } of graphemes(part)) yield segment;
  }
}

function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

const pieceColumns = (piece: string): number =>
  WHOLE.test(piece) ? piece.length : ZERO.test(piece) ? 0 : WIDE.test(piece) ? 2 : 1;

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columns(text))) + text;
}

/** At most `width` columns; what is left out is said by `…`. */
export function fit(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const piece of pieces(text)) {
    const next = pieceColumns(piece);
    if (used + next > width - 1) break;
    out += piece;
    used += next;
  }
  return `${out.trimEnd()}…`;
}

/** Rows of at most `width` columns, broken after spaces where that keeps a row at least half full. Loses nothing. */
export function wrap(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  let row = '';
  let used = 0;
  let lastSpace = -1;
  for (const piece of pieces(text, width)) {
    const next = pieceColumns(piece);
    // Twice at most: the word carried over may leave no room for a mark as wide as the row.
    while (row !== '' && used + next > width) {
      const at = lastSpace > row.length / 2 ? lastSpace : row.length;
      rows.push(row.slice(0, at));
      row = row.slice(at);
      used = columns(row);
      lastSpace = -1;
    }
    row += piece;
    used += next;
    if (piece === ' ') lastSpace = row.length;
  }
  return [...rows, row];
}

/** Words on rows: for our own sentences, where a space at the break may go. */
export function wrapWords(text: string, width: number): readonly string[] {
  return wrap(text, width).map((row) => row.trimEnd());
}
