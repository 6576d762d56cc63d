// What one code point is to a reader: harmless, or something that hides, reorders or imitates (A3).
// Knows nothing of the text around it; words and runs are judged elsewhere.

/** Why a character is not shown as itself. */
export const SUSPICIONS = [
  'ansi', // ESC or C1 CSI/OSC and the sequence it opens: a terminal would obey it (A2)
  'control', // any other C0, DEL or C1 character
  'bidi', // reorders what follows (CVE-2021-42574)
  'zero-width', // takes no room: ZWSP, ZWJ, word joiner, BOM …
  'tag', // invisible copy of ASCII, U+E0000 block
  'variation-selector', // invisible; can carry hidden bytes
  'format', // other invisible formatting characters (soft hyphen …)
  'blank', // a letter or symbol drawn as nothing (Hangul filler, blank Braille)
  'space', // any space but U+0020, and line separators
  'whitespace-run', // spaces pushing a suffix out of sight, or trailing (CVE-2026-32065)
  'combining', // a mark that could sit on its neighbour, or a second spelling of the same glyph
  'surrogate', // half a character
  'unassigned', // private use, non-character or unknown to this runtime
  'homoglyph', // drawn like ASCII, or another spelling of the same glyph
  'mixed-script', // a foreign letter inside a word with Latin letters
  'mixed-direction', // right-to-left text beside ASCII: digits and punctuation would move
  'reserved', // the quotation marks that only our own marks may use
  'literal-escape', // a backslash that would read as one of our escapes
] as const;
export type Suspicion = (typeof SUSPICIONS)[number];

const BIDI = new Set([
  0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
]);
const ZERO_WIDTH = new Set([0x180e, 0x200b, 0x200c, 0x200d, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xfeff]);
const BLANK = new Set([0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0, 0xfffc, 0x1d159]);

/** Marks of ours are written between these; untrusted text never shows them bare (A1). */
export const MARK_OPEN = '‹';
export const MARK_CLOSE = '›';

/** Classes that need the Unicode tables. Order matters: the first that matches names the suspicion. */
const BY_PROPERTY: readonly (readonly [RegExp, Suspicion])[] = [
  [/^[\p{Zs}\p{Zl}\p{Zp}]$/u, 'space'],
  [/^\p{Cf}$/u, 'format'],
  [/^[\p{Co}\p{Cn}]$/u, 'unassigned'],
];

/** The suspicion a code point carries wherever it stands, or undefined. */
export function suspicionOf(cp: number): Suspicion | undefined {
  if (cp < 0x20) return cp === 0x1b ? 'ansi' : 'control';
  if (cp < 0x7f) return undefined;
  if (cp <= 0x9f) return cp === 0x9b || cp === 0x9d || cp === 0x90 ? 'ansi' : 'control';
  if (cp >= 0xd800 && cp <= 0xdfff) return 'surrogate';
  return listed(cp) ?? byProperty(cp);
}

function listed(cp: number): Suspicion | undefined {
  if (cp === 0x2039 || cp === 0x203a) return 'reserved';
  if (BIDI.has(cp)) return 'bidi';
  if (ZERO_WIDTH.has(cp)) return 'zero-width';
  if (BLANK.has(cp)) return 'blank';
  if (cp >= 0xe0000 && cp <= 0xe007f) return 'tag';
  if (isVariationSelector(cp)) return 'variation-selector';
  return undefined;
}

function isVariationSelector(cp: number): boolean {
  return (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0100 && cp <= 0xe01ef) || (cp >= 0x180b && cp <= 0x180f);
}

function byProperty(cp: number): Suspicion | undefined {
  const char = String.fromCodePoint(cp);
  for (const [pattern, suspicion] of BY_PROPERTY) if (pattern.test(char)) return suspicion;
  // A character whose NFC form is another one (Å as U+212B, U+037E for ";") is a second spelling of the same glyph.
  return char.normalize('NFC') === char ? undefined : 'homoglyph';
}

/** True for letters of scripts written right to left: they move their neighbours even without a control. */
export function isRightToLeft(cp: number): boolean {
  return (
    (cp >= 0x0590 && cp <= 0x08ff) ||
    (cp >= 0xfb1d && cp <= 0xfdff) ||
    (cp >= 0xfe70 && cp <= 0xfefe) ||
    (cp >= 0x10800 && cp <= 0x10fff) ||
    (cp >= 0x1e800 && cp <= 0x1efff)
  );
}
