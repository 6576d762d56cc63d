/** Many lines in pieces, of which only those near the screen are laid out; all of them are in the page, to be found and read out. */
import type { ReactNode } from 'react';
import styles from './action.module.css';

const LINES = 200;
const LINE_PX = 20;

export type ChunksProps<T> = {
  readonly lines: readonly T[];
  readonly row: (line: T, at: number) => ReactNode;
};

export function Chunks<T>({ lines, row }: ChunksProps<T>) {
  const starts = Array.from({ length: Math.ceil(lines.length / LINES) }, (_, at) => at * LINES);
  return starts.map((start) => {
    const some = lines.slice(start, start + LINES);
    const size = starts.length > 1 ? { containIntrinsicSize: `auto ${some.length * LINE_PX}px` } : {};
    return (
      <div
        key={start}
        className={starts.length > 1 ? styles['chunk'] : undefined}
        style={{ counterReset: `line ${start}`, ...size }}
      >
        {some.map((line, at) => row(line, start + at))}
      </div>
    );
  });
}
