/**
 * Lists for people. Every cell is made visible here (A2, A3), so a verb may pass what it was given. On a terminal the
 * widest yielding column gives way and says so with `…`; a list is an overview, nobody decides from it (A4).
 */
import { visible } from '@countersign/core';
import { contained, type Look, painter, type Style } from './output.ts';
import { columns, fit, padEnd, padStart } from './render/text.ts';

export type Column<Row> = {
  readonly title: string;
  /** Raw text; made visible here. */
  cell(row: Row): string;
  readonly align?: 'right';
  /** May be cut when the terminal is narrow; `last`: once no other can give more. */
  readonly yields?: boolean | 'last';
  style?(row: Row): Style;
};

export type TableShape<Row> = {
  readonly columns: readonly Column<Row>[];
  /** A long id people type again: never cut. On a terminal below its row, else its first cell; `below` is then not asked. */
  readonly id?: Column<Row>;
  /** Said instead of an empty table. */
  readonly none: string;
  /** A second row under each that has one, for the one text that needs the whole width; made visible already. */
  below?(row: Row): string | undefined;
};

const BELOW = '  ';
const GAP = '  ';
const YIELDED_MIN = 12;

/** The table with its heading, ending in a line feed; `none` instead when there are no rows. */
export function table<Row>(rows: readonly Row[], given: TableShape<Row>, look: Look): string {
  const shape = placed(given, look);
  if (rows.length === 0) return `${shape.none}\n`;
  const cells = rows.map((row) => shape.columns.map((column) => visible(column.cell(row)).text));
  const titles = shape.columns.map(({ title }) => title.toUpperCase());
  const natural = titles.map((title, at) =>
    Math.max(columns(title), ...cells.map((line) => columns(line[at] ?? ''))),
  );
  const widths = look.cut === false ? natural : narrowed(natural, shape.columns, look.width);
  const paint = painter(look.color);
  const draw = (line: readonly string[], style: (at: number) => Style): string =>
    line
      .map((text, at) =>
        paint(style(at), aligned(text, { width: widths[at] ?? 0, column: shape.columns[at] })),
      )
      .join(GAP)
      .replace(/ +$/, '');
  const head = draw(titles, () => 'dim');
  const room = look.cut === false ? Number.POSITIVE_INFINITY : look.width - BELOW.length;
  const body = rows.flatMap((row, index) => {
    const below = shape.below?.(row);
    return [
      draw(cells[index] ?? [], (at) => shape.columns[at]?.style?.(row) ?? 'plain'),
      ...(below === undefined ? [] : [BELOW + fit(contained(below), room)]),
    ];
  });
  return `${[head, ...body].join('\n')}\n`;
}

function placed<Row>(shape: TableShape<Row>, { cut }: Look): TableShape<Row> {
  const { id, columns: others } = shape;
  if (id === undefined) return shape;
  if (cut === false) return { ...shape, columns: [id, ...others] };
  return { ...shape, below: (row) => visible(id.cell(row)).text };
}

type Place<Row> = { readonly width: number; readonly column: Column<Row> | undefined };

function aligned<Row>(text: string, { width, column }: Place<Row>): string {
  const shown = fit(text, width);
  return column?.align === 'right' ? padStart(shown, width) : padEnd(shown, width);
}

/** Takes columns from the widest that yields until the table fits or nothing more may give. */
function narrowed<Row>(
  natural: readonly number[],
  shape: readonly Column<Row>[],
  width: number,
): readonly number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  for (let excess = total() - width; excess > 0; excess = total() - width) {
    const yielding = (when: Column<Row>['yields']) =>
      widths
        .map((each, at) => ({ each, at }))
        .filter(({ each, at }) => shape[at]?.yields === when && each > YIELDED_MIN)
        .sort((a, b) => b.each - a.each);
    const [first, second] = [...yielding(true), ...yielding('last')];
    if (first === undefined) break;
    // Down to the next widest, so that none is left a stump while another keeps all it asked for.
    const next = Math.min(second?.each ?? YIELDED_MIN, first.each - 1);
    widths[first.at] = Math.max(YIELDED_MIN, next, first.each - excess);
  }
  return widths;
}
