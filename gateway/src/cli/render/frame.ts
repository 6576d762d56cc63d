/** The few shapes every view is made of: hairlines, aligned labels, gutters. Pure. */
import { visible } from '@countersign/core';
import type { Paint } from '../output.ts';
import { wrap, wrapWords } from './text.ts';

export type Drawing = { readonly width: number; readonly paint: Paint };

/** With it, a digest fits 80 columns. */
const LABEL_COLUMNS = 9;

export const hairline = ({ width, paint }: Drawing): string => paint('dim', '─'.repeat(width));

/** A blank row and the title of what follows. */
export function heading({ width, paint }: Drawing, title: string): string[] {
  const rest = '─'.repeat(Math.max(0, width - title.length - 4));
  return ['', `${paint('dim', '──')} ${paint('accent', title)} ${paint('dim', rest)}`];
}

/** A label and its value; further rows align under the value. The value is ours or made visible already. */
export function fieldRows({ width, paint }: Drawing, label: string, value: string): string[] {
  const rows = wrapWords(value, width - LABEL_COLUMNS);
  return rows.map((row, at) => {
    const head = (at === 0 ? label : '').padEnd(LABEL_COLUMNS);
    return `${paint('dim', head)}${row}`;
  });
}

/** Text from outside, in one row of ours: line feeds and all else that could leave it are escaped. */
export const inline = (text: string): string => visible(text).text;

export const GUTTER = '  │ ';
/** What was said, as opposed to what is: another edge, so that the two are never taken for each other. */
export const CLAIM_GUTTER = '  ┆ ';

/** Text from outside behind a gutter. Every row has it, broken ones too. */
export function quotedRows({ width, paint }: Drawing, text: string, gutter: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => wrap(visible(line).text, width - gutter.length))
    .map((row) => `${paint('dim', gutter)}${row}`.trimEnd());
}

const ESCAPES = /(\\\\)|(\\u\{[0-9A-F]+(?:\*\d+)?\})|(‹[^›]*›)/g;

/** Escapes and marks of core's display stand out; a doubled backslash is a backslash and opens nothing. */
export function withEscapes(paint: Paint, text: string): string {
  return text.replace(ESCAPES, (all: string, doubled: string | undefined) =>
    doubled === undefined ? paint('alarm', all) : all,
  );
}

/** For rows painted as a whole. */
export const unpainted = ({ width }: Drawing): Drawing => ({ width, paint: (_, text) => text });
