// Turns untrusted text into text that is safe and honest to show: nothing hidden, nothing reordered, nothing obeyed by
// a terminal, nothing that imitates our own marks (A1–A3). It must never drop or merge characters: two different inputs
// never display alike, and every escape can be read back. It knows nothing of HTML or Slack; those escape once more.
//
// An escape is `\u{202E}`, or `\u{20*40}` for forty in a row. A literal backslash that could be read as the start of an
// escape is itself escaped, so `\u{` in the output is always ours.
import { isRightToLeft, type Suspicion, suspicionOf } from './code-points.ts';
import { alwaysLooksAscii } from './lookalikes.ts';
import { Marks } from './marks.ts';
import { remembered } from './remembered.ts';
import { judgeWords } from './words.ts';

/** One thing a reader should know about. Offsets and lengths are UTF-16 units. */
export type Finding = {
  readonly kind: Suspicion;
  readonly offset: number; // in the input
  readonly length: number; // in the input; for `ansi` the whole sequence
  readonly code_point: number;
  readonly shown_offset: number; // of the escape, in the output
  readonly shown_length: number;
};

export type VisibleOptions = {
  /** Write the body of a quoted string: `"` and every backslash escaped, line feed as \n, tab as \t. */
  readonly quoted?: boolean;
  /** Keep line feeds. Off by default: a second line could pose as one of ours (A1). */
  readonly multiline?: boolean;
  /** Keep right-to-left letters beside ASCII; only for views that isolate the text themselves. */
  readonly mixed_direction?: 'escape' | 'keep';
  readonly chars_max?: number;
  readonly findings_max?: number;
};

export type Visible = {
  readonly text: string;
  readonly findings: readonly Finding[];
  /** May exceed `findings.length`, which is bounded. */
  readonly findings_total: number;
  /** False when the input was cut; such a view must not offer approval (A4). */
  readonly complete: boolean;
};

export const VISIBLE_CHARS_MAX = 1_000_000;
export const FINDINGS_MAX = 200;
const SPACES_MAX = 8;
const INDENT_MAX = 40;
const REPEAT_MIN = 4;
const ANSI_CHARS_MAX = 4096;

const PLAIN = /^[\x21-\x5b\x5d-\x7e](?:[\x20-\x5b\x5d-\x7e]*[\x21-\x5b\x5d-\x7e])?$/;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '"': '\\"', '\\': '\\\\' };
const SPECIAL = /[\n\t"\\]/g;
/** CSI …, OSC/DCS … ended by BEL, ST or the end, or ESC and one character (ECMA-48). */
const ANSI =
  /(?:\x1b\[|\x9b)[\x20-\x3f]{0,256}[\x40-\x7e]?|(?:\x1b[\]P]|[\x9d\x90])[^\x07\x1b\x9c]{0,4000}(?:\x07|\x1b\\|\x9c)?|\x1b[\x20-\x7e]?/y;

/** Makes `input` safe and honest to show. Never throws; over the bound it cuts and says so. */
export function visible(input: string, options: VisibleOptions = {}): Visible {
  if (input === '') return { text: '', findings: [], findings_total: 0, complete: true };
  const text = cutAt(input, options.chars_max ?? VISIBLE_CHARS_MAX);
  const complete = text.length === input.length;
  if (complete && isPlain(text, options)) return { text, findings: [], findings_total: 0, complete };
  const shown = emit(text, suspects(text, options), options);
  const cut = complete ? '' : `‹cut: ${input.length - text.length} more characters›`;
  return { ...shown, text: shown.text + cut, complete };
}

/** For anything printed to a terminal: line feeds stay, everything a terminal would act on is escaped (A2). */
export function escapeTerminal(text: string): string {
  return visible(text, { multiline: true, chars_max: Number.POSITIVE_INFINITY }).text;
}

function isPlain(text: string, options: VisibleOptions): boolean {
  return PLAIN.test(text) && !text.includes('         ') && !(options.quoted === true && text.includes('"'));
}

function cutAt(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}

/** Every character that must not be shown as itself, by offset. */
function suspects(text: string, options: VisibleOptions): Marks {
  const marks = new Marks(text);
  judgeWords(text, marks);
  let rightToLeft = false;
  for (let at = 0; at < text.length; ) {
    const cp = text.codePointAt(at) ?? 0;
    const width = cp > 0xffff ? 2 : 1;
    if (cp < 0x20 || cp > 0x7e) {
      const kept = (cp === 0x0a && keepsLineFeeds(options)) || (cp === 0x09 && options.quoted === true);
      const suspicion = kept ? undefined : judge(cp);
      if (suspicion !== undefined) marks.set(at, suspicion);
      rightToLeft ||= isRightToLeft(cp);
    }
    at += width;
  }
  judgeSpaces(text, options, marks);
  if (rightToLeft && options.mixed_direction !== 'keep') judgeDirection(text, marks);
  return marks;
}

function keepsLineFeeds(options: VisibleOptions): boolean {
  return options.multiline === true || options.quoted === true;
}

const judge = remembered((cp: number): Suspicion | undefined => {
  const known = suspicionOf(cp);
  if (known !== undefined || cp < 0x80) return known;
  return alwaysLooksAscii(String.fromCodePoint(cp), cp) ? 'homoglyph' : undefined;
});

/** Inside a quoted string a trailing space is no secret: only long runs are looked for. */
const RUNS = { quoted: / {9,}|\n{4,}/g, bare: / +|\n{4,}/g };

function judgeSpaces(text: string, options: VisibleOptions, marks: Marks): void {
  for (const { 0: run, index } of text.matchAll(options.quoted === true ? RUNS.quoted : RUNS.bare)) {
    const end = index + run.length;
    const trailing = options.quoted !== true && (end === text.length || text[end] === '\n');
    const limit = text[index - 1] === '\n' ? INDENT_MAX : SPACES_MAX;
    const suspect = run[0] === '\n' ? keepsLineFeeds(options) : trailing || run.length > limit;
    if (suspect) for (let at = index; at < end; at += 1) marks.set(at, 'whitespace-run');
  }
}

/** Beside ASCII letters or digits, right-to-left letters change the order in which both are read. */
function judgeDirection(text: string, marks: Marks): void {
  if (!/[0-9A-Za-z]/.test(text)) return;
  for (let at = 0; at < text.length; ) {
    const cp = text.codePointAt(at) ?? 0;
    if (isRightToLeft(cp) && !marks.has(at)) marks.set(at, 'mixed-direction');
    at += cp > 0xffff ? 2 : 1;
  }
}

function emit(text: string, marks: Marks, options: VisibleOptions): Omit<Visible, 'complete'> {
  const max = options.findings_max ?? FINDINGS_MAX;
  const findings: Finding[] = [];
  let total = 0;
  let out = '';
  markBackslashes(text, marks, options);
  for (let at = 0; at < text.length; ) {
    const kind = marks.get(at);
    if (kind === undefined) {
      const next = marks.next(at);
      const plain = text.slice(at, next);
      out += options.quoted === true ? plain.replace(SPECIAL, (char) => SHORT[char] ?? char) : plain;
      at = next;
      continue;
    }
    const cp = text.codePointAt(at) ?? 0;
    const width = cp > 0xffff ? 2 : 1;
    const count = repeats({ text, marks, at, cp, kind });
    const shown = escapeOf(cp, count);
    if (total < max) {
      const length = kind === 'ansi' && count === 1 ? ansiLength(text, at) : count * width;
      findings.push({
        kind,
        offset: at,
        length,
        code_point: cp,
        shown_offset: out.length,
        shown_length: shown.length,
      });
    }
    total += 1;
    out += shown;
    at += count * width;
  }
  return { text: out, findings, findings_total: total };
}

/** Backslashes directly before `u{`, or before something we escape, would blur where our escape begins. */
function markBackslashes(text: string, marks: Marks, options: VisibleOptions): void {
  if (options.quoted === true || !text.includes('\\')) return;
  for (const { 0: run, index } of text.matchAll(/\\+/g)) {
    const end = index + run.length;
    if (!marks.has(end) && !text.startsWith('u{', end)) continue;
    for (let at = index; at < end; at += 1) marks.set(at, 'literal-escape');
  }
}

type Run = { text: string; marks: Marks; at: number; cp: number; kind: Suspicion };

function repeats({ text, marks, at, cp, kind }: Run): number {
  const width = cp > 0xffff ? 2 : 1;
  let count = 1;
  while (text.codePointAt(at + count * width) === cp && marks.get(at + count * width) === kind) count += 1;
  return count;
}

const hexOf = (cp: number): string => cp.toString(16).toUpperCase();
const escapeOfOne = remembered((cp: number): string => `\\u{${hexOf(cp)}}`);

function escapeOf(cp: number, count: number): string {
  if (count === 1) return escapeOfOne(cp);
  return count < REPEAT_MIN ? escapeOfOne(cp).repeat(count) : `\\u{${hexOf(cp)}*${count}}`;
}

function ansiLength(text: string, at: number): number {
  ANSI.lastIndex = 0;
  return ANSI.exec(text.slice(at, at + ANSI_CHARS_MAX))?.[0].length ?? 1;
}
