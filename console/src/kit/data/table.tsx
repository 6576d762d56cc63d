/**
 * Rows of alike things. A plain table: headers that name, rows that link, numbers that line up. Narrow screens stack
 * each row. For lists without an end use `Rows`, which draws only what is in sight.
 */
import type { ReactNode } from 'react';
import styles from './table.module.css';

export type Column<T> = {
  readonly id: string;
  readonly head: ReactNode;
  readonly cell: (row: T) => ReactNode;
  readonly align?: 'start' | 'end';
  /** CSS width; the rest is shared out. */
  readonly width?: string;
  /** Left out where the screen is narrow. */
  readonly wideOnly?: boolean;
};

export type TableProps<T> = {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly empty?: ReactNode;
};

export function Table<T>({ label, columns, rows, keyOf, empty }: TableProps<T>) {
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    <div className={styles['scroll']}>
      <table className={styles['table']} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ id, head, align, width, wideOnly }) => (
              <th
                key={id}
                scope="col"
                className={names(align, wideOnly)}
                style={width === undefined ? {} : { width: narrowed(width) }}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ id, cell, align, wideOnly }) => (
                <td key={id} className={names(align, wideOnly)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What was measured for a wide screen would leave nothing for the words on a narrow one. */
const narrowed = (width: string): string => (width.endsWith('px') ? `min(${width}, 24vw)` : width);

const names = (align: 'start' | 'end' | undefined, wideOnly: boolean | undefined): string =>
  [align === 'end' ? styles['end'] : '', wideOnly === true ? styles['wide-only'] : '']
    .filter(Boolean)
    .join(' ');
