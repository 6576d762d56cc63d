// A JSON value as lines a person can read: complete, indented, every string made visible (I6, A3). The command line,
// the console and chat cards all draw these lines; none of them draws the value itself. What could not be shown is
// said, and makes the view incomplete; an incomplete view must not offer approval (A4).
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  member,
} from '../json/value.ts';
import { keyPointer, pointerTo } from './pointer.ts';
import { type Redaction, redactionMark, showRedacted } from './redaction.ts';
import { type Finding, visible } from './visible.ts';

/**
 * One line. `key` and `value` are final text, quotes included. `open` and `close` are brackets; `string-part` continues
 * the string begun above it, after a line feed; `redacted` stands for a whole value; `cut` says what is not shown.
 */
export type Line = {
  readonly indent: number;
  readonly kind:
    | 'open'
    | 'close'
    | 'string'
    | 'string-part'
    | 'number'
    | 'boolean'
    | 'null'
    | 'empty'
    | 'redacted'
    | 'cut';
  /** JSON Pointer (RFC 6901) of the value. Raw: for matching, not for showing. */
  readonly pointer: string;
  readonly key?: string;
  readonly value: string;
  readonly findings: readonly Finding[];
};

export type LinesOptions = {
  /** `canonical` sorts keys as RFC 8785 does. Default: as they stand. */
  readonly order?: 'original' | 'canonical';
  readonly lines_max?: number;
  readonly depth_max?: number;
  /** Of text, over the whole value. */
  readonly chars_max?: number;
  readonly redactions?: Redactions;
};

/** What must not be shown, by JSON Pointer of the value it lies in; for a key, by `keyPointer` of its value. */
export type Redactions = ReadonlyMap<string, readonly Redaction[]>;

export type Rendering = {
  readonly lines: readonly Line[];
  readonly complete: boolean;
  readonly findings_total: number;
  /**
   * Pointers of strings and keys of which only a part is redacted: if that is SQL, shell, a URL or a path, no approval
   * (I6). Raw: for deciding, not for showing.
   */
  readonly partly_redacted: readonly string[];
};

export const LINES_MAX = 5_000;
export const LINES_DEPTH_MAX = 64;
export const LINES_CHARS_MAX = 1_000_000;

type State = {
  readonly options: LinesOptions;
  readonly lines: Line[];
  readonly partly: string[];
  complete: boolean;
  findings_total: number;
  chars_left: number;
};

/** Where a value stands. */
type Place = { readonly indent: number; readonly pointer: string; readonly key?: string };

/** Renders the whole value, or says in the last lines what is missing. */
export function renderJson(value: Json, options: LinesOptions = {}): Rendering {
  const chars_left = options.chars_max ?? LINES_CHARS_MAX;
  const state: State = { options, lines: [], partly: [], complete: true, findings_total: 0, chars_left };
  renderValue(state, value, { indent: 0, pointer: '' });
  const { lines, complete, findings_total, partly } = state;
  return { lines, complete, findings_total, partly_redacted: partly };
}

/** One line as plain text, two spaces an indent. */
export function formatLine(line: Line): string {
  return `${'  '.repeat(line.indent)}${line.key === undefined ? '' : `${line.key}: `}${line.value}`;
}

function renderValue(state: State, value: Json, place: Place): void {
  const redactions = state.options.redactions?.get(place.pointer) ?? [];
  const whole = redactions.find((redaction) => redaction.range === undefined);
  if (whole !== undefined) push(state, place, { kind: 'redacted', value: redactionMark(whole) });
  else if (typeof value === 'string') renderString(state, { text: value, redactions }, place);
  // RFC 8785 writes numbers as ECMAScript does, and -0 as 0: what is shown is what is digested.
  else if (typeof value === 'number') push(state, place, { kind: 'number', value: String(value) });
  else if (typeof value === 'boolean') push(state, place, { kind: 'boolean', value: String(value) });
  else if (value === null) push(state, place, { kind: 'null', value: 'null' });
  else if (isJsonArray(value) || isJsonObject(value)) renderContainer(state, value, place);
  else cut(state, place, 'a value that is not JSON');
}

function renderContainer(state: State, value: JsonArray | JsonObject, place: Place): void {
  const [open, close] = isJsonArray(value) ? (['[', ']'] as const) : (['{', '}'] as const);
  const count = isJsonArray(value) ? value.length : Object.keys(value).length;
  const depthMax = state.options.depth_max ?? LINES_DEPTH_MAX;
  if (count === 0) push(state, place, { kind: 'empty', value: open + close });
  else if (place.indent >= depthMax)
    cut(state, place, `${open} ${count} entries, deeper than ${depthMax} levels ${close}`);
  else renderEntries(state, value, { place, open, close, count });
}

type Brackets = {
  readonly place: Place;
  readonly open: string;
  readonly close: string;
  readonly count: number;
};

function renderEntries(
  state: State,
  value: JsonArray | JsonObject,
  { place, open, close, count }: Brackets,
): void {
  push(state, place, { kind: 'open', value: open });
  const shown = isJsonArray(value) ? renderItems(state, value, place) : renderMembers(state, value, place);
  const { indent, pointer } = place;
  if (shown < count) cut(state, { indent: indent + 1, pointer }, `${count - shown} more entries`);
  push(state, { indent, pointer }, { kind: 'close', value: close });
}

function full(state: State): boolean {
  return state.lines.length >= (state.options.lines_max ?? LINES_MAX);
}

function renderItems(state: State, items: JsonArray, { indent, pointer }: Place): number {
  let shown = 0;
  for (const item of items) {
    if (full(state)) break;
    renderValue(state, item, { indent: indent + 1, pointer: pointerTo(pointer, String(shown)) });
    shown += 1;
  }
  return shown;
}

function renderMembers(state: State, object: JsonObject, { indent, pointer }: Place): number {
  const keys = Object.keys(object);
  if (state.options.order === 'canonical') keys.sort();
  let shown = 0;
  for (const name of keys) {
    if (full(state)) break;
    const here = pointerTo(pointer, name);
    renderValue(state, member(object, name) ?? null, { indent: indent + 1, pointer: here, key: name });
    shown += 1;
  }
  return shown;
}

type Quoted = { readonly text: string; readonly findings: readonly Finding[] };

type Source = { readonly text: string; readonly redactions: readonly Redaction[] };

/** Quoted and made visible; redacted ranges become marks outside the quotes, which no content can imitate (A1). */
function quote(state: State, source: Source): Quoted {
  const findings: Finding[] = [];
  const text = showRedacted(source.text, source.redactions, (part) => {
    const shown = visible(part, { quoted: true, chars_max: state.chars_left });
    state.chars_left = Math.max(0, state.chars_left - part.length);
    if (!shown.complete) state.complete = false;
    state.findings_total += shown.findings_total;
    findings.push(...shown.findings);
    return `"${shown.text}"`;
  });
  return { text, findings };
}

/** A string with line feeds takes a line each, so that SQL and scripts can be read; every part shows its own "\n". */
function renderString(state: State, source: Source, place: Place): void {
  if (source.redactions.length > 0) state.partly.push(place.pointer);
  const parts = source.redactions.length > 0 ? [source.text] : source.text.split(/(?<=\n)(?!\n|$)/);
  for (const [index, text] of parts.entries()) {
    if (index > 0 && full(state)) {
      cut(
        state,
        { indent: place.indent + 1, pointer: place.pointer },
        `${parts.length - index} more lines of text`,
      );
      break;
    }
    const { text: value, findings } = quote(state, { text, redactions: source.redactions });
    if (index === 0) push(state, place, { kind: 'string', value, findings });
    else
      push(
        state,
        { indent: place.indent + 1, pointer: place.pointer },
        { kind: 'string-part', value, findings },
      );
  }
}

type Body = { readonly kind: Line['kind']; readonly value: string; readonly findings?: readonly Finding[] };

function push(state: State, { indent, pointer, key }: Place, { kind, value, findings = [] }: Body): void {
  if (key === undefined) {
    state.lines.push({ indent, pointer, kind, value, findings });
    return;
  }
  const redactions = state.options.redactions?.get(keyPointer(pointer)) ?? [];
  if (redactions.length > 0) state.partly.push(pointer);
  const shown = quote(state, { text: key, redactions });
  state.lines.push({
    indent,
    pointer,
    kind,
    key: shown.text,
    value,
    findings: [...shown.findings, ...findings],
  });
}

function cut(state: State, place: Place, what: string): void {
  state.complete = false;
  push(state, place, { kind: 'cut', value: `‹not shown: ${what}›` });
}
