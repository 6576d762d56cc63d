// Values that only their name gives away: `password=…`, `"api_key": "…"`, `Authorization: …`, `| DB_PASSWORD | … |`.
// The name is judged as JSON keys are (labels.ts); the value must look like a value and not like prose or code, since
// what an agent reads it may write back.

import type { Hit, MaskKind } from '../detector.ts';
import { isVersion, type Label, labelOf } from '../labels.ts';
import { isMark } from '../marks.ts';
import { matchesOf, type Pattern } from './pattern.ts';

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

const PLACEHOLDER =
  /^(?:string|str|text|number|int(?:eger)?|bool(?:ean)?|object|array|list|any|unknown|void|null|none|nil|undefined|true|false|yes|no|required|optional|bearer|basic|type|password|passwd|pass|secret|token|key|value|example|redacted|masked|hidden|empty|expired|invalid|valid|missing|incorrect|wrong|unset|default|env|file|vault|sensitive|n\/a|-+|\.+|\*+|•+|x{3,}|<[^>]{0,80}>|\$\{?[\w.:-]{1,80}\}?|\$\{\{.{0,80}|\{\{.{0,80}|%\(?\w{1,40}\)?[s%]?|\(sensitive(?: value)?\)|(?:env|file):[\w./-]{1,200})$/i;
const CODE_ROOT =
  /^(?:process|os|self|this|config|cfg|env|settings|args|argv|req|request|ctx|context|options|opts|params|data|event|secrets|vars|var|local|module|props|state|user|session|response|res|body|headers|input|event|import|await|new|return|null)\b[.?[]/;
const CALL_OR_INDEX = /^[A-Za-z_$][\w$.]{0,80}[([]/;
const MEMBER_CHAIN = /^[A-Za-z_$]+(?:\??\.[A-Za-z_$]+)+$/;

/** How the value was tied to its name, from sure to doubtful. */
type Tie = 'quoted' | 'tight' | 'loose' | 'cell';

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

function* afterNames(text: string, kind: MaskKind): Generator<Hit> {
  for (const match of matchesOf(NAME, text)) {
    const label = nameBefore(text, match);
    if (label === undefined || label.kind !== kind || label.weak === true) {
      // A cell of a table, or the value of a harmless name, may be the next name.
      NAME.lastIndex = match.index + (match[1] ?? '').length;
      continue;
    }
    const at = match.index + match[0].length;
    const hit = valueAt(text, at, { separator: match[2] ?? '', label });
    if (hit !== undefined) yield hit;
    NAME.lastIndex = hit?.end ?? at;
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

function valueAt(text: string, at: number, { separator, label }: Tied): Hit | undefined {
  const { tie, range } = rangeAt(text, at, { separator, label });
  return range !== undefined && isValue(text.slice(range.start, range.end), tie, label)
    ? { ...range, kind: label.kind, label: label.label }
    : undefined;
}

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

function isValue(raw: string, tie: Tie, { kind, text_only }: Label): boolean {
  const value = raw.trim().replace(/[.,;:!?]{1,3}$/, '');
  if (value === '' || PLACEHOLDER.test(value) || raw === '[masked:' || isMark(raw.trim()) || isVersion(value))
    return false;
  if (text_only === true && /^[0-9]{1,9}$/.test(value)) return false;
  return LOOKS_TIED[tie](value, kind);
}

const LOOKS_TIED: { readonly [tie in Tie]: (value: string, kind: MaskKind) => boolean } = {
  quoted: () => true,
  tight: (value) => value.length >= 3 && !isCode(value),
  loose: (value, kind) => !isCode(value) && (kind === 'pii' ? /[0-9]/.test(value) : isUnlikeProse(value)),
  cell: (value) => value.length >= 8 && /[0-9]/.test(value) && /[A-Za-z]/.test(value),
};

function isCode(value: string): boolean {
  return CODE_ROOT.test(value) || CALL_OR_INDEX.test(value) || MEMBER_CHAIN.test(value);
}

/** Some word of it has digits, symbols, mixed case, or is too long to be a word; variables to be filled in do not count. */
function isUnlikeProse(value: string): boolean {
  return value.split(/\s+/).some((word) => {
    if (word.length < 4 || PLACEHOLDER.test(word)) return false;
    return word.length >= 16 || /[0-9]|[^A-Za-z0-9.,:;!?_-]|[a-z][A-Z]/.test(word);
  });
}
