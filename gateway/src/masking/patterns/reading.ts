// What stands after a name: the separator, and a value as far as it reaches. Whether it is one is told elsewhere
// (value.ts). Every repeat is bounded (I15).
import type { Label } from '../labels.ts';
import { DIGITS, isSpace, LETTERS, oneOf } from './chars.ts';
import type { Tie } from './value.ts';

export type Range = { readonly start: number; readonly end: number };
export type Value = Range & { readonly tie: Tie };

/** No separator begins with anything else. */
const beginsSeparator = oneOf(' \t\r\n\f\v\\"\'`=:|');
const [TAB, SPACE, BACKSLASH] = [0x09, 0x20, 0x5c];
const [COLON, EQUALS, GREATER, SLASH, BAR] = [0x3a, 0x3d, 0x3e, 0x2f, 0x7c];
const isQuote = oneOf('"\'`');
const SPACES_MAX = 4;
const CELL_SPACES_MAX = 16;

/** `=>`, `:=`, `=`, `:` with little space around, or the edge of a table's cell with more; before it, a closing quotation mark. */
export function separatorAfter(text: string, at: number): Range | undefined {
  if (!beginsSeparator(text.charCodeAt(at))) return undefined;
  const start = afterGlue(text, at);
  const sign = afterSpaces(text, start, CELL_SPACES_MAX);
  if (text.charCodeAt(sign) === BAR) return { start, end: afterSpaces(text, sign + 1, CELL_SPACES_MAX) };
  const after = sign - start > SPACES_MAX ? sign : afterSign(text, sign);
  return after === sign ? undefined : { start, end: afterSpaces(text, after, SPACES_MAX) };
}

/** What may stand between a name and its separator: two spaces, two backslashes and two quotation marks at most. */
function afterGlue(text: string, from: number): number {
  let at = from;
  let code = text.charCodeAt(at);
  // Most separators stand right behind their name.
  if (code === COLON || code === EQUALS) return at;
  for (; at < from + 2 && (code === SPACE || code === TAB); code = text.charCodeAt(at)) at += 1;
  const spaced = at;
  for (; at < spaced + 2 && code === BACKSLASH; code = text.charCodeAt(at)) at += 1;
  const escaped = at;
  for (; at < escaped + 2 && isQuote(code); code = text.charCodeAt(at)) at += 1;
  return at;
}

function afterSpaces(text: string, from: number, most: number): number {
  let at = from;
  while (at < from + most && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** `at` itself where none stands: `==`, `::` and `://` are none. */
function afterSign(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  if (code === EQUALS) return next === GREATER ? at + 2 : next === EQUALS ? at : at + 1;
  if (code !== COLON) return at;
  return next === EQUALS ? at + 2 : next === COLON || next === SLASH ? at : at + 1;
}

/** `opens`: how many characters of what is read are no part of the value. */
type Reading = { readonly by: RegExp; readonly tie: Tie; readonly opens: number };

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
/** Headers whose value has several words. */
const WHOLE_LINE = new Set(['authorization', 'proxy-authorization', 'auth-header', 'cookie', 'set-cookie']);
const REST_OF_LINE: Reading = { by: /[^\r\n"'\\|]{1,8192}/y, tie: 'loose', opens: 0 };

export function valueAfter(text: string, separated: Range, label: Label): Value | undefined {
  const at = separated.end;
  if (isCellEdge(text, separated)) return readBare(text, at, 'cell');
  const quoted = QUOTED.get(text.charCodeAt(at));
  const within = quoted === undefined ? undefined : read(text, at, quoted);
  if (within !== undefined) return within;
  if (WHOLE_LINE.has(label.label)) return read(text, at, REST_OF_LINE);
  const tight = separated.end - separated.start === 1 && text[separated.start] === '=';
  return readBare(text, at, tight ? 'tight' : 'loose');
}

function isCellEdge(text: string, { start, end }: Range): boolean {
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at) === BAR) return true;
  return false;
}

function read(text: string, at: number, { by, tie, opens }: Reading): Value | undefined {
  by.lastIndex = at;
  return by.test(text) ? { start: at + opens, end: by.lastIndex, tie } : undefined;
}

const BARE_CHARS_MAX = 2048;
const isPlain = oneOf(`${LETTERS}${DIGITS}_-./+=#$%@!*^~?:([{<`);
const endsBare = oneOf('"\'`&;,|');
const isClosing = oneOf(')]}>');
const endsAfterClosing = oneOf(',;|"\'`');
const isEscapable = oneOf('nrtu"\'\\');

function readBare(text: string, start: number, tie: Tie): Value | undefined {
  const last = Math.min(text.length, start + BARE_CHARS_MAX);
  let end = start;
  while (end < last && (isPlain(text.charCodeAt(end)) || isBare(text, end))) end += 1;
  return end === start ? undefined : { start, end, tie };
}

/** A bracket at the end belongs to the sentence, one inside to the value; a backslash does where it escapes nothing. */
function isBare(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (endsBare(code) || isSpace(code)) return false;
  if (code === BACKSLASH) return !isEscapable(text.charCodeAt(at + 1));
  return !isClosing(code) || goesOnAfterClosing(text, at + 1);
}

function goesOnAfterClosing(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return at < text.length && !isSpace(code) && !endsAfterClosing(code);
}
