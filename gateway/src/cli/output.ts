/**
 * Where words meet the terminal: colours only on one, never against NO_COLOR; JSON that is safe to print on one too.
 * Text from outside is made visible before it comes here; `contained` is the last net, not the first (A2).
 */
import { wrapWords } from './render/text.ts';
import type { Io } from './verb.ts';

/** One accent, one alarm; the rest is weight. */
export type Style = 'bold' | 'dim' | 'accent' | 'alarm' | 'plain';
export type Paint = (style: Style, text: string) => string;

const CODES: { readonly [S in Style]: readonly [string, string] } = {
  bold: ['\x1b[1m', '\x1b[22m'],
  dim: ['\x1b[2m', '\x1b[22m'],
  accent: ['\x1b[36m', '\x1b[39m'],
  alarm: ['\x1b[1;31m', '\x1b[22;39m'],
  plain: ['', ''],
};

export const painter = (color: boolean): Paint =>
  color ? (style, text) => (text === '' ? '' : CODES[style][0] + text + CODES[style][1]) : (_, text) => text;

/** https://no-color.org; `TERM=dumb` cannot. */
export function hasColor({ stdout, env }: Pick<Io, 'stdout' | 'env'>): boolean {
  return stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

const WIDTH_MIN = 40;
export const WIDTH_USUAL = 80;
const WIDTH_MAX = 100;

/** Columns to fill: what a terminal has, within what reads well. */
export function widthOf({ stdout }: Pick<Io, 'stdout'>): number {
  const columns = stdout.isTTY === true ? (stdout.columns ?? WIDTH_USUAL) : WIDTH_USUAL;
  return Math.min(Math.max(columns, WIDTH_MIN), WIDTH_MAX);
}

/** A sentence of ours on rows that fit beside `indent` columns; whatever is no terminal gets it in one. */
export function folded(text: string, io: Pick<Io, 'stdout'>, indent = 0): readonly string[] {
  return io.stdout.isTTY === true ? wrapWords(text, widthOf(io) - indent) : [text];
}

/** How tables and views are drawn for this output. `cut: false`: whatever reads lines gets them whole. */
export type Look = { readonly width: number; readonly color: boolean; readonly cut?: boolean };
export const lookOf = (io: Pick<Io, 'stdout' | 'env'>): Look => ({
  width: widthOf(io),
  color: hasColor(io),
  cut: io.stdout.isTTY === true,
});

/** A sentence of ours under or above a table. */
export const prose = (text: string, { width, cut }: Look): string =>
  cut === false ? text : wrapWords(text, width).join('\n');

/** `--json`: the value as it is, with everything a terminal could act on or hide written as \u escapes. */
export function writeJson({ stdout }: Pick<Io, 'stdout'>, value: unknown): void {
  stdout.write(`${jsonText(value)}\n`);
}

export const jsonText = (value: unknown): string => printable(JSON.stringify(value, null, 2));
/** For streams: one value a line. */
export const jsonLine = (value: unknown): string => printable(JSON.stringify(value));

const printable = (json: string): string => json.replace(/[^\P{C}\n]|\p{Zl}|\p{Zp}/gu, unitsEscaped);

const unitsEscaped = (char: string): string =>
  Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/** For text the gateway has already made visible: nothing a terminal obeys gets through, and no escape is escaped again. */
export function contained(text: string): string {
  return text.replace(
    /\p{C}|\p{Zl}|\p{Zp}/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
}
