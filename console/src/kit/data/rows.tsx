/**
 * A list without an end: only the rows in sight are drawn (TanStack Virtual, against the window), and more are asked for
 * before the last comes into sight. One row is one link or one block, of any height.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './rows.module.css';

export type RowsProps<T> = {
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly row: (item: T, index: number) => ReactNode;
  readonly height: number;
  /** Asks for the next page; undefined at the end. */
  readonly onMore?: (() => void) | undefined;
};

const AHEAD = 12;

export function Rows<T>({ label, items, keyOf, row, height, onMore }: RowsProps<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: AHEAD,
    scrollMargin: top,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - AHEAD) onMore?.();
  }, [last, items.length, onMore]);
  return (
    <ul ref={list} aria-label={label} className={styles['rows']} style={{ height: virtual.getTotalSize() }}>
      {shown.map(({ index, key, start }) => {
        const item = items[index];
        return item === undefined ? null : (
          <li
            key={key}
            data-index={index}
            ref={virtual.measureElement}
            aria-setsize={onMore === undefined ? items.length : -1}
            aria-posinset={index + 1}
            className={styles['row']}
            style={{ transform: `translateY(${start - top}px)` }}
          >
            {row(item, index)}
          </li>
        );
      })}
    </ul>
  );
}
