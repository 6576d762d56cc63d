// Values that only their name gives away: `password=…`, `"api_key": "…"`, `Authorization: …`, `| DB_PASSWORD | … |`.
// The name is judged as JSON keys are (labels.ts); the value must look like a value and not like prose or code, since
// what an agent reads it may write back.

import type { Hit, MaskKind } from '../detector.ts';
import { type Label, labelOf, NAME_CHARS_MAX } from '../labels.ts';
import { DIGITS, isLetter, LETTERS, oneOf } from './chars.ts';
import type { Pattern } from './pattern.ts';
import { type Range, separatorAfter, valueAfter } from './reading.ts';
import { isValue } from './value.ts';

/** `<password>…</password>` */
const ELEMENT = />([^<>]{1,2048})(?=<\/)/y;

/** One pattern each for secrets and personal data: their names differ, their shapes do not. */
export function assigned(kind: MaskKind, anchors: readonly string[]): Pattern {
  return {
    label: 'named-value',
    kind,
    anchors,
    find(text, anchored) {
      const reader: Reader = { text, kind, hits: [], in_vain: 0, last_in_vain: NONE_IN_VAIN, read_to: 0 };
      for (const anchor of anchored) if (anchor >= reader.read_to) readName(reader, anchor);
      return reader.hits;
    },
  };
}

type Reader = {
  readonly text: string;
  readonly kind: MaskKind;
  readonly hits: Hit[];
  /** Characters read after names that turned out to be no values. */
  in_vain: number;
  /** The name last read for nothing, and the characters it took: the second word of a name is read again for itself. */
  last_in_vain: { readonly start: number; readonly chars: number };
  /** Names that begin before this were looked at, or are values themselves. */
  read_to: number;
};

const NONE_IN_VAIN: Reader['last_in_vain'] = { start: -1, chars: 0 };

/** The name the anchor stands in, and, when it is the first word of two, the second. */
function readName(reader: Reader, anchor: number): void {
  const { text } = reader;
  const name = wordAround(text, anchor, reader.read_to);
  reader.read_to = name.end;
  if (text.charCodeAt(name.end) === GREATER) readElement(reader, name);
  if (readValue(reader, name)) return;
  const space = text[name.end];
  if (space !== ' ' && space !== '\t') return;
  const second = wordAround(text, name.end + 1, name.end + 1);
  if (second.end > second.start && readValue(reader, second)) return;
  // It may hold an anchor of its own.
}

const GREATER = 0x3e;

/** Names are of `[A-Za-z0-9_.-]`, begin with a letter or underscore, and not inside another; only the last 64 characters count. */
function wordAround(text: string, at: number, from: number): Range {
  let end = at;
  while (isNameUnit(text.charCodeAt(end))) end += 1;
  let start = at;
  while (start > from && isNameUnit(text.charCodeAt(start - 1))) start -= 1;
  start = Math.max(start, end - NAME_CHARS_MAX);
  while (start < end && !beginsName(text, start)) start += 1;
  return { start, end };
}

const isNameUnit = oneOf(`${LETTERS}${DIGITS}_.-`);
const isLetterUnit = oneOf(`${LETTERS}_`);
/** After one of these, a name goes on. */
const isWithin = oneOf(`${LETTERS}${DIGITS}_.`);

function beginsName(text: string, start: number): boolean {
  return isLetterUnit(text.charCodeAt(start)) && !isWithin(text.charCodeAt(start - 1));
}

/**
 * Characters read after names that turned out to be no values, in all: prose stays far below. Beyond it, as where one
 * name follows another for a whole line, what stands after a name is masked unjudged: time must not grow with the
 * length of lines times the number of names (I15).
 */
const readInVainMax = (text: string): number => 65_536 + 4 * text.length;

/** True when a value of that name was found; then `read_to` is its end. */
function readValue(reader: Reader, name: Range): boolean {
  const { in_vain, last_in_vain } = reader;
  if (name.start === last_in_vain.start && in_vain < readInVainMax(reader.text)) {
    reader.in_vain += last_in_vain.chars;
    return false;
  }
  if (findValue(reader, name)) return true;
  reader.last_in_vain = { start: name.start, chars: reader.in_vain - in_vain };
  return false;
}

function findValue(reader: Reader, name: Range): boolean {
  const { text, kind } = reader;
  const separated = name.start === name.end ? undefined : separatorAfter(text, name.end);
  if (separated === undefined) return false;
  const label = nameBefore(text, name);
  if (label === undefined || label.kind !== kind || label.weak === true) return false;
  const value = valueAfter(text, separated, label);
  if (value === undefined) return false;
  const { start, end, tie } = value;
  if (reader.in_vain < readInVainMax(text) && !isValue(text.slice(start, end), tie, label)) {
    reader.in_vain += end - start;
    return false;
  }
  reader.hits.push({ start, end, kind, label: label.label });
  reader.read_to = end;
  return true;
}

function readElement(reader: Reader, name: Range): void {
  const { text, kind } = reader;
  let start = name.start;
  const first = Math.max(0, name.end - NAME_CHARS_MAX);
  while (start > first && (isNameUnit(text.charCodeAt(start - 1)) || text[start - 1] === ':')) start -= 1;
  if (text[start - 1] !== '<') return;
  ELEMENT.lastIndex = name.end;
  const value = ELEMENT.exec(text)?.[1];
  const label = value === undefined ? undefined : labelOf(text.slice(start, name.end));
  if (value === undefined || label?.kind !== kind || label.weak === true) return;
  const at = name.end + 1;
  if (isValue(value, 'tight', label))
    reader.hits.push({ start: at, end: at + value.length, kind, label: label.label });
}

/** "API key: …": in prose the name may take two words. */
function nameBefore(text: string, { start, end }: Range): Label | undefined {
  const alone = labelOf(text.slice(start, end));
  if (alone !== undefined) return alone;
  const previous = wordBefore(text, start);
  return previous < 0 ? undefined : labelOf(text.slice(previous, end));
}

const [WORD_CHARS_MIN, WORD_CHARS_MAX] = [2, 20];

/** Where the word before `at` begins, of letters only, one space or tab away; -1: there is none. */
function wordBefore(text: string, at: number): number {
  const space = text[at - 1];
  if (space !== ' ' && space !== '\t') return -1;
  let start = at - 1;
  while (start > 0 && at - start <= WORD_CHARS_MAX && isLetter(text.charCodeAt(start - 1))) start -= 1;
  return at - 1 - start < WORD_CHARS_MIN ? -1 : start;
}
