// Values that only their name gives away: `password=…`, `"api_key": "…"`, `Authorization: …`, `| DB_PASSWORD | … |`.
// The name is judged as JSON keys are (labels.ts); the value must look like a value and not like prose or code, since
// what an agent reads it may write back.

import type { Hit, MaskKind } from '../detector.ts';
import { type Label, labelOf } from '../labels.ts';
import { matchesOf, type Pattern } from './pattern.ts';
import { isValue, type Tie } from './value.ts';

const NAME =
  /(?<![\w.])([A-Za-z_][\w.-]{0,63})[ \t]{0,2}\\{0,2}["'`]{0,2}(\s{0,4}(?:=>|:=|=(?![=>])|:(?![:/]))\s{0,4}|\s{0,16}\|\s{0,16})/g;
const PREVIOUS_WORD = /([A-Za-z]{2,20})[ \t]$/;

/** `<password>…</password>` */
const ELEMENT = /<([A-Za-z_][\w:.-]{0,63})>([^<>]{1,2048})(?=<\/)/g;

/** Up to the closing quotation mark, which may itself be escaped; a missing one costs nothing. */
const QUOTED: readonly RegExp[] = [
  /\\"((?:[^"\\]|\\(?!")[\s\S]){1,8192})/y,
  /"((?:[^"\\]|\\[\s\S]){1,8192})/y,
  /'((?:[^'\\\n]|\\[\s\S]){1,8192})/y,
  /`((?:[^`\\\n]|\\[\s\S]){1,8192})/y,
];
/** A bracket at the end belongs to the sentence, one inside to the value. */
const BARE = /((?:[^\s"'`&;,)\]}>|\\]|[)\]}>](?=[^\s,;|"'`])|\\(?![nrtu"'\\])){1,2048})/y;
/** Headers whose value has several words. */
const REST_OF_LINE = /([^\r\n"'\\|]{1,8192})/y;
const WHOLE_LINE = new Set(['authorization', 'proxy-authorization', 'auth-header', 'cookie', 'set-cookie']);

/** One pattern each for secrets and personal data: their names differ, their shapes do not. */
export function assigned(kind: MaskKind, anchors: readonly string[]): Pattern {
  const names = { label: 'named-value', kind, anchors };
  return {
    ...names,
    chars_min: 5,
    *find(text) {
      yield* afterNames(text, kind);
      yield* inElements(text, kind);
    },
  };
}

/**
 * Characters read after names that turned out to be no values, in all: prose stays far below. Beyond it, as where one
 * name follows another for a whole line, what stands after a name is masked unjudged: time must not grow with the
 * length of lines times the number of names (I15).
 */
const readInVainMax = (text: string): number => 65_536 + 4 * text.length;

function* afterNames(text: string, kind: MaskKind): Generator<Hit> {
  let in_vain = 0;
  for (const match of matchesOf(NAME, text)) {
    const label = nameBefore(text, match);
    if (label === undefined || label.kind !== kind || label.weak === true) {
      // A cell of a table, or the value of a harmless name, may be the next name.
      NAME.lastIndex = match.index + (match[1] ?? '').length;
      continue;
    }
    const at = match.index + match[0].length;
    const { tie, range } = rangeAt(text, at, { separator: match[2] ?? '', label });
    NAME.lastIndex = at;
    if (range === undefined) continue;
    const { start, end } = range;
    if (in_vain < readInVainMax(text) && !isValue(text.slice(start, end), tie, label)) {
      in_vain += end - start;
      continue;
    }
    NAME.lastIndex = end;
    yield { start, end, kind: label.kind, label: label.label };
  }
}

function* inElements(text: string, kind: MaskKind): Generator<Hit> {
  for (const match of matchesOf(ELEMENT, text)) {
    const label = labelOf(match[1] ?? '');
    const end = match.index + match[0].length;
    const value = match[2] ?? '';
    // What follows an element that does not count may be the one that does.
    ELEMENT.lastIndex = end - value.length;
    if (label?.kind !== kind || label.weak === true || !isValue(value, 'tight', label)) continue;
    yield { start: end - value.length, end, kind, label: label.label };
  }
}

/** "API key: …": in prose the name may take two words. */
function nameBefore(text: string, match: RegExpExecArray): Label | undefined {
  const name = match[1] ?? '';
  const alone = labelOf(name);
  if (alone !== undefined) return alone;
  const previous = PREVIOUS_WORD.exec(text.slice(Math.max(0, match.index - 24), match.index))?.[1];
  return previous === undefined ? undefined : labelOf(`${previous} ${name}`);
}

type Tied = { readonly separator: string; readonly label: Label };

type Range = { readonly start: number; readonly end: number };

function rangeAt(
  text: string,
  at: number,
  { separator, label }: Tied,
): { tie: Tie; range: Range | undefined } {
  if (separator.includes('|')) return { tie: 'cell', range: read(BARE, text, at) };
  for (const quoted of QUOTED) {
    const range = read(quoted, text, at);
    if (range !== undefined) return { tie: 'quoted', range };
  }
  if (WHOLE_LINE.has(label.label)) return { tie: 'loose', range: read(REST_OF_LINE, text, at) };
  return { tie: separator === '=' ? 'tight' : 'loose', range: read(BARE, text, at) };
}

function read(sticky: RegExp, text: string, at: number): Range | undefined {
  sticky.lastIndex = at;
  const value = sticky.exec(text)?.[1];
  return value === undefined ? undefined : { start: sticky.lastIndex - value.length, end: sticky.lastIndex };
}
