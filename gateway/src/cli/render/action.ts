/** The action itself, every member of it, as core's `renderJson` draws it; rows are broken here, behind a gutter. Pure. */
import { compact, type Finding, type Line } from '@countersign/core';
import { type Drawing, fieldRows, GUTTER, unpainted, withEscapes } from './frame.ts';
import { columns, wrap } from './text.ts';
import type { View } from './view.ts';

/** Deeper than this, rows no longer move right: text must keep room. */
const INDENT_MAX = 24;
const FLAGGED = '! │ ';
const MORE = '↪ ';

export function actionRows({ rendering, approvable, revealable }: View, drawing: Drawing): string[] {
  const room = drawing.width - GUTTER.length - 1;
  const rows = compact(rendering.lines, { room, widthOf: columns }).flatMap((line) =>
    lineRows(line, drawing),
  );
  return [
    ...rows,
    ...lookCloselyRows(rendering.lines, rendering.findings_total, drawing),
    ...(approvable.ok ? [] : blockedRows(approvable.why, revealable, drawing)),
  ];
}

function lineRows({ indent, key, value, findings, kind }: Line, { width, paint }: Drawing): string[] {
  const flagged = findings.length > 0 || kind === 'cut';
  const gutter = paint(flagged ? 'alarm' : 'dim', flagged ? FLAGGED : GUTTER);
  const space = ' '.repeat(Math.min(indent * 2, INDENT_MAX));
  const text = key === undefined ? value : `${key}: ${value}`;
  const keyLength = key === undefined ? 0 : key.length + 1;
  const room = width - GUTTER.length - space.length - 1;
  const [first = '', ...rest] = wrapHanging(text, room);
  const head = paint('dim', first.slice(0, keyLength)) + withEscapes(paint, first.slice(keyLength));
  return [
    `${gutter}${space}${keyLength <= first.length ? head : withEscapes(paint, first)}`.trimEnd(),
    ...rest.map((row) => `${gutter}${space}${paint('dim', MORE)}${withEscapes(paint, row)}`),
  ];
}

/** The first row full, the others leaving room for the sign that they continue it. */
function wrapHanging(text: string, room: number): readonly string[] {
  const [first = ''] = wrap(text, room);
  if (first === text) return [text];
  return [first, ...wrap(text.slice(first.length), room - MORE.length)];
}

const KINDS: { readonly [K in Finding['kind']]: string } = {
  ansi: 'terminal commands',
  control: 'control characters',
  bidi: 'characters that reorder text',
  'zero-width': 'characters without width',
  tag: 'invisible copies of letters',
  'variation-selector': 'invisible characters',
  format: 'invisible characters',
  blank: 'letters drawn as nothing',
  space: 'unusual spaces',
  'whitespace-run': 'runs of spaces',
  combining: 'marks that sit on their neighbours',
  surrogate: 'halves of characters',
  unassigned: 'unknown characters',
  homoglyph: 'look-alikes',
  'mixed-script': 'look-alikes inside words',
  'mixed-direction': 'right-to-left letters',
  reserved: 'imitations of our marks',
  'literal-escape': 'imitations of our escapes',
};

function lookCloselyRows(lines: readonly Line[], total: number, drawing: Drawing): string[] {
  if (total === 0) return [];
  const kinds = new Set(lines.flatMap(({ findings }) => findings.map(({ kind }) => KINDS[kind])));
  const count = total === 1 ? 'One place could' : `${total} places could`;
  const text = `${count} mislead the eye: ${[...kinds].join(', ')}. Each is written out above as \\u{…}, on a row marked “!”.`;
  return ['', ...alarmed(fieldRows(unpainted(drawing), 'Look', text), drawing)];
}

function blockedRows(why: string, revealable: boolean, drawing: Drawing): string[] {
  const how = revealable ? ` ${REVEAL_HINT}` : '';
  return [
    '',
    ...alarmed(fieldRows(unpainted(drawing), 'Blocked', `No approval from this view. ${why}${how}`), drawing),
  ];
}

const REVEAL_HINT = 'Revealing shows it to you alone.';

const alarmed = (rows: readonly string[], { paint }: Drawing): string[] =>
  rows.map((row) => paint('alarm', row));
