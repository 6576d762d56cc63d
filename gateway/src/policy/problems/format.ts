/**
 * Problems as a good compiler prints them: what, where, the line with a caret, the likely spelling, the fix. Text from a
 * policy file is data like any other: control and reordering characters are shown escaped (A3).
 */
import type { PolicyProblem } from './problem.ts';

export type FormatOptions = {
  readonly color?: boolean;
  /** Printed before each file name. */
  readonly root?: string;
};

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, bold: 1 } as const;
export type Paint = (style: keyof typeof CODES, text: string) => string;

export function painter({ color }: FormatOptions): Paint {
  return (style, text) => (color === true ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}

export function formatPolicyErrors(problems: readonly PolicyProblem[], options: FormatOptions = {}): string {
  if (problems.length === 0) return '';
  const paint = painter(options);
  const shown = problems.map((problem) => formatProblem(problem, paint('red', 'error'), options));
  return `${shown.join('\n\n')}\n\n${paint('bold', counted(problems.length, 'problem'))}\n`;
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** One problem under a label, without a line end. */
export function formatProblem(problem: PolicyProblem, label: string, options: FormatOptions = {}): string {
  const paint = painter(options);
  const gutter = ' '.repeat(String(problem.line).length);
  const bar = paint('blue', '|');
  const where = problem.rule === undefined ? '' : ` (rule ${safe(problem.rule)}${keyOf(problem)})`;
  const lines = [
    `${label}: ${paint('bold', safe(problem.message))}`,
    `${gutter}${paint('blue', '-->')} ${safe((options.root ?? '') + problem.file)}:${problem.line}:${problem.column}${where}`,
  ];
  if (problem.source !== undefined) {
    const excerpt = cut(problem.source, problem.column, problem.length);
    lines.push(`${gutter} ${bar}`, `${paint('blue', String(problem.line))} ${bar} ${excerpt.text}`);
    lines.push(`${gutter} ${bar} ${' '.repeat(excerpt.before)}${paint('red', '^'.repeat(excerpt.length))}`);
  }
  if (problem.likely !== undefined)
    lines.push(`${gutter} = did you mean ${paint('green', safe(problem.likely))}?`);
  if (problem.fix !== undefined) lines.push(`${gutter} = fix: ${safe(problem.fix)}`);
  return lines.join('\n');
}

const keyOf = (problem: PolicyProblem): string =>
  problem.key === undefined ? '' : `, key ${safe(problem.key)}`;

const WIDTH = 100;

/** The part of a line around its caret, made visible; `before` and `length` are in shown characters. */
function cut(
  source: string,
  column: number,
  length: number,
): { text: string; before: number; length: number } {
  const from = column - 1 > WIDTH - 20 ? column - 1 - 40 : 0;
  const to = Math.min(source.length, from + WIDTH);
  const head = (from > 0 ? '…' : '') + safe(source.slice(from, column - 1));
  const marked = safe(source.slice(column - 1, Math.min(to, column - 1 + length)));
  const tail = safe(source.slice(Math.min(to, column - 1 + length), to)) + (to < source.length ? '…' : '');
  return { text: head + marked + tail, before: head.length, length: Math.max(1, marked.length) };
}

/** Everything that could move the cursor, hide, combine or reorder text; the plain space alone passes. */
const HIDDEN = /\p{C}|\p{Z}(?<! )|\p{M}|[\u115f\u1160\u3164]/gu;

export function safe(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replaceAll(HIDDEN, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}
