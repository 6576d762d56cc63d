// Values that only their name gives away: `password=…`, `"api_key": "…"`, `Authorization: …`, `| DB_PASSWORD | … |`.
// The name is judged as JSON keys are (labels.ts); the value must look like a value and not like prose or code, since
// what an agent reads it may write back.

import type { Hit, MaskKind } from '../detector.ts';
import { type Label, labelOf, NAME_CHARS_MAX } from '../labels.ts';
import type { Pattern } from './pattern.ts';
import { isValue, type Tie } from './value.ts';

/** What may stand between a name and its separator. */
const GLUE = /[ \t]{0,2}\\{0,2}["'`]{0,2}/y;
/** `=>`, `:=`, `=`, `:` with little space around, or the edge of a table's cell with more. */
const SEPARATOR = /\s{0,4}(?:=>|:=|=(?![=>])|:(?![:/]))\s{0,4}|\s{0,16}\|\s{0,16}/y;
/** No separator begins with anything else. */
const BEFORE_SEPARATOR = new Set([...' \t\r\n\f\v\\"\'`=:|'].map((char) => char.charCodeAt(0)));

/** `<password>…</password>` */
const ELEMENT = />([^<>]{1,2048})(?=<\/)/y;

/** Up to the closing quotation mark, which may itself be escaped; a missing one costs nothing. */
const QUOTED: ReadonlyMap<number, Reading> = new Map(
  (
    [
      ['\\', /\\"(?:[^"\\]|\\(?!")[\s\S]){1,8192}/y],
      ['"', /"(?:[^"\\]|\\[\s\S]){1,8192}/y],
      ["'", /'(?:[^'\\\n]|\\[\s\S]){1,8192}/y],
      ['`', /`(?:[^`\\\n]|\\[\s\S]){1,8192}/y],
    ] as const
  ).map(([mark, by]) => [mark.charCodeAt(0), { by, tie: 'quoted', opens: mark === '\\' ? 2 : 1 }]),
);
/** A bracket at the end belongs to the sentence, one inside to the value. */
const BARE = /(?:[^\s"'`&;,)\]}>|\\]|[)\]}>](?=[^\s,;|"'`])|\\(?![nrtu"'\\])){1,2048}/y;
/** Headers whose value has several words. */
const REST_OF_LINE = /[^\r\n"'\\|]{1,8192}/y;
const WHOLE_LINE = new Set(['authorization', 'proxy-authorization', 'auth-header', 'cookie', 'set-cookie']);

/** One pattern each for secrets and personal data: their names differ, their shapes do not. */
export function assigned(kind: MaskKind, anchors: readonly string[]): Pattern {
  return {
    label: 'named-value',
    kind,
    anchors,
    find(text, anchored) {
      const reader: Reader = { text, kind, hits: [], in_vain: 0, read_to: 0 };
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
  /** Names that begin before this were looked at, or are values themselves. */
  read_to: number;
};

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

const isNameUnit = (code: number): boolean => isWordUnit(code) || code === 0x2d || code === 0x2e;

const isWordUnit = (code: number): boolean => isDigit(code) || isLetterUnit(code);

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const isLetter = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);

const isLetterUnit = (code: number): boolean => isLetter(code) || code === 0x5f;

function beginsName(text: string, start: number): boolean {
  if (!isLetterUnit(text.charCodeAt(start))) return false;
  const before = text.charCodeAt(start - 1);
  return !(isWordUnit(before) || before === 0x2e);
}

/**
 * Characters read after names that turned out to be no values, in all: prose stays far below. Beyond it, as where one
 * name follows another for a whole line, what stands after a name is masked unjudged: time must not grow with the
 * length of lines times the number of names (I15).
 */
const readInVainMax = (text: string): number => 65_536 + 4 * text.length;

/** True when a value of that name was found; then `read_to` is its end. */
function readValue(reader: Reader, name: Range): boolean {
  const { text, kind } = reader;
  if (name.start === name.end || !BEFORE_SEPARATOR.has(text.charCodeAt(name.end))) return false;
  const glued = afterGlue(text, name.end);
  SEPARATOR.lastIndex = glued;
  if (!SEPARATOR.test(text)) return false;
  const separated = { start: glued, end: SEPARATOR.lastIndex };
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

const [COLON, EQUALS] = [0x3a, 0x3d];

/** Most separators stand right behind their name. */
function afterGlue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === COLON || code === EQUALS) return at;
  GLUE.lastIndex = at;
  return GLUE.test(text) ? GLUE.lastIndex : at;
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
  const name = text.slice(start, end);
  const alone = labelOf(name);
  if (alone !== undefined) return alone;
  const previous = wordBefore(text, start);
  return previous === undefined ? undefined : labelOf(`${previous} ${name}`);
}

const WORD_CHARS_MAX = 20;

/** Of letters only, one space or tab away. */
function wordBefore(text: string, at: number): string | undefined {
  const space = text[at - 1];
  if (space !== ' ' && space !== '\t') return undefined;
  let start = at - 1;
  while (start > 0 && at - start <= WORD_CHARS_MAX && isLetter(text.charCodeAt(start - 1))) start -= 1;
  return at - 1 - start < 2 ? undefined : text.slice(start, at - 1);
}

type Range = { readonly start: number; readonly end: number };
type Value = Range & { readonly tie: Tie };

function valueAfter(text: string, separated: Range, label: Label): Value | undefined {
  const at = separated.end;
  if (isCellEdge(text, separated)) return read(text, at, { by: BARE, tie: 'cell' });
  const quoted = QUOTED.get(text.charCodeAt(at));
  const within = quoted === undefined ? undefined : read(text, at, quoted);
  if (within !== undefined) return within;
  if (WHOLE_LINE.has(label.label)) return read(text, at, { by: REST_OF_LINE, tie: 'loose' });
  const tight = separated.end - separated.start === 1 && text[separated.start] === '=';
  return read(text, at, { by: BARE, tie: tight ? 'tight' : 'loose' });
}

function isCellEdge(text: string, { start, end }: Range): boolean {
  for (let at = start; at < end; at += 1) if (text[at] === '|') return true;
  return false;
}

/** `opens`: how many characters of what is read are no part of the value. */
type Reading = { readonly by: RegExp; readonly tie: Tie; readonly opens?: number };

function read(text: string, at: number, { by, tie, opens = 0 }: Reading): Value | undefined {
  by.lastIndex = at;
  return by.test(text) ? { start: at + opens, end: by.lastIndex, tie } : undefined;
}
