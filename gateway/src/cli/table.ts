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
  /** The gateway has made it visible already; once more would escape its escapes. */
  readonly visible?: boolean;
  readonly align?: 'right';
  /** May be cut when the terminal is narrow. */
  readonly yields?: boolean;
  style?(row: Row): Style;
};

const GAP = '  ';
const YIELDED_MIN = 12;

/** The table with its heading, ending in a line feed; `none` instead when there are no rows. */
export function table<Row>(
  rows: readonly Row[],
  shape: { readonly columns: readonly Column<Row>[]; readonly none: string },
  look: Look & { readonly cut?: boolean },
): string {
  if (rows.length === 0) return `${shape.none}\n`;
  const cells = rows.map((row) => shape.columns.map((column) => shownCell(column, row)));
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
  const body = rows.map((row, index) =>
    draw(cells[index] ?? [], (at) => shape.columns[at]?.style?.(row) ?? 'plain'),
  );
  return `${[head, ...body].join('\n')}\n`;
}

const shownCell = <Row>(column: Column<Row>, row: Row): string =>
  column.visible === true ? contained(column.cell(row)) : visible(column.cell(row)).text;

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
    const yielding = widths
      .map((each, at) => ({ each, at }))
      .filter(({ each, at }) => shape[at]?.yields === true && each > YIELDED_MIN)
      .sort((a, b) => b.each - a.each)[0];
    if (yielding === undefined) break;
    widths[yielding.at] = Math.max(YIELDED_MIN, yielding.each - excess);
  }
  return widths;
}
