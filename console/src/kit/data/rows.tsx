/**
 * A list without an end: only the rows in sight are drawn (TanStack Virtual, against the window), and more are asked for
 * before the last comes into sight. One row is one link or one block, of any height.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
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
/** Rows before the last from which the next page is asked for: who turns a wheel fast goes through a hundred in half a second. */
const MORE_AHEAD = 60;

/** Where a row stands changes as one scrolls; what it says does not. */
const Drawn = memo(
  ({ item, index, row }: { item: unknown; index: number; row: (item: never, index: number) => ReactNode }) =>
    row(item as never, index),
);

export function Rows<T>({ label, items, keyOf, row, height, onMore }: RowsProps<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const usual = useRef(height);
  const naming = useRef(keyOf);
  naming.current = keyOf;
  // Another function each time would have every row measured anew, at each step of a scroll.
  const getItemKey = useCallback(
    (index: number) => {
      const item = items[index];
      return item === undefined ? index : naming.current(item);
    },
    [items],
  );
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => usual.current,
    overscan: AHEAD,
    scrollMargin: top,
    getItemKey,
  });
  const shown = virtual.getVirtualItems();
  const drawn = shown.length > 0;
  // A row that is taken for another height than it has moves the page under whoever scrolls it, and ends the way there.
  useLayoutEffect(() => {
    const found = drawn ? usualHeight(list.current) : undefined;
    if (found === undefined || found === usual.current) return;
    usual.current = found;
    virtual.measure();
  }, [virtual, drawn]);
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - MORE_AHEAD) onMore?.();
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
            <Drawn item={item} index={index} row={row} />
          </li>
        );
      })}
    </ul>
  );
}

/** The middle one of those drawn. */
function usualHeight(list: HTMLUListElement | null): number | undefined {
  const heights = [...(list?.children ?? [])]
    .map((each) => (each as HTMLElement).offsetHeight)
    .sort((a, b) => a - b);
  return heights[Math.floor(heights.length / 2)];
}
