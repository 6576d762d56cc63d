/** Lines with a sign before each, so that colour is never alone; runs without a change are folded until somebody asks. */
import { visible } from '@countersign/core';
import { useState } from 'react';
import { Marked } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import styles from '../action/action.module.css';
import type { DiffLine } from '../action/changes.ts';
import { Chunks } from '../action/chunks.tsx';
import type { Piece } from './folded.ts';
import own from './preview.module.css';

const SAID: { readonly [S in DiffLine['sign']]: string } = { '+': 'added: ', '-': 'removed: ', ' ': '' };
const CLASS: { readonly [S in DiffLine['sign']]: string } = { '+': 'come', '-': 'gone', ' ': 'same' };

/** Every hidden character written out, however long the line (A3, A4). */
const clear = (line: string): string =>
  visible(line, { multiline: true, chars_max: Number.POSITIVE_INFINITY }).text;

export type DiffRowsProps = {
  readonly pieces: readonly Piece[];
  /** A text of which nothing is known to change. */
  readonly plain?: boolean;
};

export function DiffRows({ pieces, plain = false }: DiffRowsProps) {
  return pieces.map((piece, at) =>
    piece.kind === 'folded' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name, and never change places.
      <Folded key={at} lines={piece.lines} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above.
      <Rows key={at} lines={piece.lines} plain={plain} />
    ),
  );
}

function Rows({ lines, plain = false }: { readonly lines: readonly DiffLine[]; readonly plain?: boolean }) {
  return (
    <Chunks
      lines={lines}
      row={({ sign, text }, at) => (
        <div
          key={at}
          className={plain ? own['line'] : `${styles['diff-line']} ${styles[CLASS[sign]]}`}
          data-sign={sign}
        >
          {SAID[sign] === '' ? null : <span className="sr-only">{SAID[sign]}</span>}
          <Marked text={clear(text)} />
          {'\n'}
        </div>
      )}
    />
  );
}

function Folded({ lines }: { readonly lines: readonly DiffLine[] }) {
  const [open, setOpen] = useState(false);
  if (open) return <Rows lines={lines} />;
  return (
    <button type="button" className={own['folded']} onClick={() => setOpen(true)}>
      {counted(lines.length, 'line')} the same
    </button>
  );
}
