// A small table of characters drawn like ASCII (A3). It must stay small enough to read; it is a net for identifiers,
// not a copy of Unicode's confusables. Three kinds: letters judged by the word they stand in, single characters that
// are never what they seem, and whole blocks of copies.

/** Letters of living scripts, as they look in Latin. Within one script each Latin shape occurs once. */
const CYRILLIC =
  'а:a с:c е:e о:o р:p х:x у:y і:i ј:j ѕ:s ԁ:d һ:h ԛ:q ԝ:w ѵ:v ӏ:l г:r А:A В:B С:C Е:E Н:H І:I Ј:J К:K М:M О:O Р:P Ѕ:S Т:T Х:X У:Y З:3 Ь:b б:6 Ԍ:G Ԛ:Q Ԝ:W Ѵ:V';
const GREEK =
  'α:a γ:y ι:i μ:µ ν:v ο:o ρ:p υ:u Α:A Β:B Ε:E Ζ:Z Η:H Ι:I Κ:K Μ:M Ν:N Ο:O Ρ:P Τ:T Υ:Y Χ:X ϲ:c ϳ:j Ϲ:C Ϳ:J';
const ARMENIAN = 'օ:o ս:u հ:h ո:n ց:g զ:q յ:j Օ:O Ս:U Լ:L Տ:S';

/** Never what they seem, in any word: rare twins of the letters above, phonetic letters, punctuation. */
const ALWAYS =
  "Ӏ:I Ү:Y ү:y ɑ:a ɡ:g ᴄ:c ᴏ:o ᴠ:v ᴡ:w ᴢ:z ꜱ:s ℓ:l ſ:f ǀ:| ǃ:! ∣:| │:| ⁄:/ ∕:/ ⧸:/ ╱:/ ∖:\\ ⧵:\\ ╲:\\ ∶:: ꞉:: ː:: ։:: ׃:: ․:. ꓸ:. ‐:- ‑:- ‒:- −:- ⁃:- ﹣:- ‚:, ʹ:' ʻ:' ʼ:' ʽ:' ˈ:' ′:' ‵:` ˋ:` ″:\" ʺ:\" ∗:* ⁎:* ∼:~ ˜:~ ˂:< ˃:> ❮:< ❯:> ˆ:^ ꞊:= ᐸ:< ᐳ:> ⵏ:| ꓲ:I";

const ASCII_LETTER = /^[A-Za-z]$/;

/** Blocks that are copies of ASCII, or whose letters nearly all look like Latin capitals. */
const BLOCKS: readonly (readonly [number, number])[] = [
  [0x0132, 0x0133], // ij ligatures
  [0x0149, 0x0149],
  [0x01c4, 0x01cc], // dž, lj, nj
  [0x01f1, 0x01f3],
  [0x13a0, 0x13ff], // Cherokee
  [0x2025, 0x2025], // two-dot leader
  [0x203c, 0x203c], // doubled marks
  [0x2047, 0x2049],
  [0x2160, 0x217f], // Roman numerals
  [0x2488, 0x249b], // digits with a full stop
  [0x2a74, 0x2a76], // ::= == ===
  [0x2c80, 0x2cff], // Coptic
  [0x3371, 0x337a], // units in one square
  [0x3380, 0x33df],
  [0xa4d0, 0xa4ff], // Lisu
  [0xab70, 0xabbf], // Cherokee, small
  [0xfb00, 0xfb06], // ff, fi, fl ligatures
  [0xfe10, 0xfe19], // vertical, wavy and small forms
  [0xfe30, 0xfe6b],
  [0xff01, 0xff5e], // fullwidth ASCII
  [0xffe8, 0xffee],
  [0x10280, 0x1031f], // Lycian, Carian, Old Italic
  [0x10400, 0x1044f], // Deseret
  [0x1ccd6, 0x1ccf9], // outlined letters and digits
  [0x1d400, 0x1d7ff], // mathematical alphanumerics
  [0x1f100, 0x1f10a], // digits with a full stop or comma
  [0x1fbf0, 0x1fbf9], // segmented digits
];

function table(pairs: string): ReadonlyMap<string, string> {
  return new Map(pairs.split(' ').map((pair) => [pair.slice(0, 1), pair.slice(2)]));
}

const BY_WORD: ReadonlyMap<string, string> = new Map([
  ...table(CYRILLIC),
  ...table(GREEK),
  ...table(ARMENIAN),
]);
const BY_ITSELF = table(ALWAYS);

/** True for a character that is escaped wherever it stands, because it is drawn like ASCII. */
export function alwaysLooksAscii(char: string, cp: number): boolean {
  if (BY_ITSELF.has(char)) return true;
  if (cp >= 0x2100 && cp <= 0x214f) return ASCII_LETTER.test(char.normalize('NFKC')); // ℝ and ℓ, but not ™ and №
  return BLOCKS.some(([first, last]) => cp >= first && cp <= last);
}

/** What an ordinary reader would take this character for; the character itself when it is in no table. */
export function looksLike(char: string): string {
  const ascii = BY_WORD.get(char) ?? BY_ITSELF.get(char);
  if (ascii !== undefined) return ascii;
  const folded = char.normalize('NFKC');
  return alwaysLooksAscii(char, char.codePointAt(0) ?? 0) && /^[\x21-\x7e]+$/.test(folded) ? folded : char;
}

/** True for a Cyrillic, Greek or Armenian letter with a Latin twin. */
export function hasLatinTwin(char: string): boolean {
  return BY_WORD.has(char);
}
