/**
 * What it would change, as a read of the upstream showed it: its lines behind a gutter, a sign before each that comes or
 * goes, and a word for how old it is. What does not change is counted, not drawn. Pure.
 */
import { patchSigns, visible } from '@countersign/core';
import type { Preview, PreviewShown } from '@countersign/sdk';
import { diffLines, type Edit } from '../../../policy/source/line-diff.ts';
import { type Drawing, GUTTER, heading, inline, quotedRows, withEscapes } from '../frame.ts';
import { wrap, wrapWords } from '../text.ts';

const AROUND = 3;
const SIGN = { same: ' ', gone: '-', new: '+' } as const;
const PAINT = { same: 'dim', gone: 'alarm', new: 'accent' } as const;

export function previewRows(preview: Preview | undefined, drawing: Drawing): string[] {
  if (preview === undefined) return [];
  return [...heading(drawing, 'What would change'), ...rowsOf(preview, drawing)];
}

function rowsOf(preview: Preview, drawing: Drawing): string[] {
  switch (preview.state) {
    case 'making':
      return ['It is being looked at now; show the request again in a moment.'];
    case 'none':
      return [
        ...wrapWords(`No preview: ${inline(preview.why)}.`, drawing.width),
        ...(preview.said === undefined ? [] : quotedRows(drawing, preview.said, GUTTER)),
      ];
    case 'shown':
      return shownRows(preview, drawing);
  }
}

function shownRows(preview: PreviewShown, drawing: Drawing): string[] {
  const { paint, width } = drawing;
  const said = [
    `As of ${new Date(preview.at).toISOString().slice(11, 19)} UTC, read with ${inline(preview.tool)}.`,
    ...(preview.dry_run
      ? ['That is the tool itself, told not to act: that it did not is the upstream’s word.']
      : []),
    ...(preview.hidden === 0 ? [] : [`Hidden in it: ${preview.labels.map(inline).join(', ')}.`]),
    ...(preview.hidden_differs ? ['What is hidden would change too.'] : []),
    'It may change before this runs; nothing is read again then.',
  ].join(' ');
  return [...bodyRows(preview, drawing), ...wrapWords(said, width).map((row) => paint('dim', row))];
}

function bodyRows(preview: PreviewShown, drawing: Drawing): string[] {
  if (preview.show === 'text') return quotedRows(drawing, withoutLast(preview.text), GUTTER);
  if (preview.show === 'patch')
    return patchOf(linesIn(preview.text)).flatMap((edit) => lineRows(edit, drawing));
  const { added, removed } = preview;
  if (added + removed === 0) return [NOTHING[preview.hidden_differs ? 'hidden' : 'same']];
  const edits = diffLines(linesIn(preview.before), linesIn(preview.after));
  const near = new Set<number>();
  for (const [at, { kind }] of edits.entries())
    if (kind !== 'same') for (let each = at - AROUND; each <= at + AROUND; each += 1) near.add(each);
  const rows: string[] = [];
  let skipped = 0;
  const skip = (): void => {
    if (skipped > 0)
      rows.push(drawing.paint('dim', `${GUTTER}… ${skipped} ${skipped === 1 ? 'line' : 'lines'} the same`));
    skipped = 0;
  };
  for (const [at, edit] of edits.entries()) {
    if (!near.has(at)) {
      skipped += 1;
      continue;
    }
    skip();
    rows.push(...lineRows(edit, drawing));
  }
  skip();
  return rows;
}

const NOTHING = {
  same: 'Nothing would change: it says what is there already.',
  hidden: 'Nothing in sight would change; what is hidden would.',
} as const;

const KINDS = { '+': 'new', '-': 'gone', ' ': 'same' } as const;
const patchOf = (lines: readonly string[]): readonly Edit[] =>
  patchSigns(lines).map(({ sign, head }, at) => {
    const line = lines[at] ?? '';
    return { kind: KINDS[sign], line: head ? line : line.slice(1) };
  });

function lineRows({ kind, line }: Edit, { width, paint }: Drawing): string[] {
  const text = visible(line, { chars_max: Number.POSITIVE_INFINITY }).text;
  return wrap(text, width - GUTTER.length - 2).map((row, at) => {
    const sign = at === 0 ? SIGN[kind] : ' ';
    return `${paint('dim', GUTTER)}${paint(PAINT[kind], sign)} ${withEscapes(paint, row)}`.trimEnd();
  });
}

const withoutLast = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text);
const linesIn = (text: string): readonly string[] => (text === '' ? [] : withoutLast(text).split('\n'));
