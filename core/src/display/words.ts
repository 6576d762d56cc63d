// Judges whole words: an identifier that mixes scripts, or is spelt wholly in look-alikes, is not what it seems (A3).
// A word in one script with at least one letter that only that script has ("привет") is left as it is.

import { hasLatinTwin } from './lookalikes.ts';
import type { Marks } from './marks.ts';
import { remembered } from './remembered.ts';

const WORD = /[\p{L}\p{N}\p{M}_]+/gu;
/** Without any of these a word is what it seems: nothing in it is of another script, a mark, or a digit drawn like ASCII. */
const WORTH_A_LOOK =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{M}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]|(?![0-9])\p{Nd}/u;
const ALIKE_SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['Latin', /^\p{Script=Latin}$/u],
  ['Cyrillic', /^\p{Script=Cyrillic}$/u],
  ['Greek', /^\p{Script=Greek}$/u],
  ['Armenian', /^\p{Script=Armenian}$/u],
];
const LETTER = /^\p{L}$/u;
const MARK = /^\p{M}$/u;
const DIGIT = /^\p{Nd}$/u;
const JAMO = /^[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]$/;
/** The micro sign is a letter of no script, and drawn like the Greek one. */
const MICRO = '\u00b5';
/** Marks that may follow one letter before they start to climb over the neighbouring lines. */
const MARKS_MAX = 4;

/** Adds to `marks` (offset in UTF-16 units → suspicion) every character whose word makes it suspect. */
export function judgeWords(text: string, marks: Marks): void {
  if (!WORTH_A_LOOK.test(text)) return;
  for (const match of text.matchAll(WORD)) {
    if (!WORTH_A_LOOK.test(match[0])) continue;
    judgeScripts(match[0], match.index, marks);
    judgeMarks(match[0], match.index, marks);
  }
}

const scriptOf = remembered((char: string): string | undefined => {
  if (!LETTER.test(char)) return undefined;
  if (char === MICRO) return 'Latin';
  return ALIKE_SCRIPTS.find(([, pattern]) => pattern.test(char))?.[0] ?? 'other';
});

function judgeScripts(word: string, start: number, marks: Marks): void {
  const letters = [...word].map((char) => ({ char, script: scriptOf(char) }));
  const foreign = new Set<string>();
  for (const { script } of letters) if (isForeign(script)) foreign.add(script);
  const latin = letters.some(({ script }) => script === 'Latin');
  const own = letters.some(({ char, script }) => isForeign(script) && !hasLatinTwin(char));
  const mixed = (latin && foreign.size > 0) || foreign.size > 1;
  let offset = start;
  for (const { char, script } of letters) {
    if (isForeign(script) && mixed) marks.set(offset, 'mixed-script');
    else if (isForeign(script) && !own) marks.set(offset, 'homoglyph');
    else if (char > '\x7f' && script === undefined && isDigit(char)) marks.set(offset, 'homoglyph'); // ৪ is a four that looks like an eight
    offset += char.length;
  }
}

const isMark = remembered((char: string): boolean => MARK.test(char));
const isDigit = remembered((char: string): boolean => DIGIT.test(char));

function isForeign(script: string | undefined): script is string {
  return script !== undefined && script !== 'Latin' && script !== 'other';
}

/** Combining marks: orphans, marks on ASCII, towers, and second spellings of a composed glyph. */
function judgeMarks(word: string, start: number, marks: Marks): void {
  const recomposes = word.normalize('NFC') !== word;
  let base = '';
  let height = 0;
  let offset = start;
  for (const char of word) {
    if (!isMark(char)) {
      if (recomposes && JAMO.test(char)) marks.set(offset, 'combining');
      base = char;
      height = 0;
    } else {
      height += 1;
      if (recomposes || base <= '\x7f' || height > MARKS_MAX) marks.set(offset, 'combining');
    }
    offset += char.length;
  }
}
