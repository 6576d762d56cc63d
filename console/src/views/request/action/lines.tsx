/** Core's lines as they stand: nothing is added, merged or left out; what is in brackets folds, by who looks only. */
import type { Line } from '@countersign/core';
import { useState } from 'react';
import { Marked } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import styles from './action.module.css';
import { Chunks } from './chunks.tsx';
import { countOf, type Node } from './tree.ts';

const INDENT_MAX = 12;

/** The values of lines without their keys: one leaf of the tree. */
export const Lines = ({ lines }: { readonly lines: readonly Line[] }) =>
  lines.map((line, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text have no other name, and never change places.
    <div key={at} className={styles['leaf']}>
      <Value line={line} />
    </div>
  ));

const Value = ({ line }: { readonly line: Line }) => (
  <span className={styles[`is-${line.kind}`]}>
    <Marked text={line.value} />
  </span>
);

export type TreeProps = {
  readonly nodes: readonly Node[];
  /** The key of the first line stands elsewhere. */
  readonly bare?: boolean;
};

export function Tree({ nodes, bare = false }: TreeProps) {
  return (
    <div className={styles['tree']}>
      {nodes.map((node) => (
        <Branch key={`${node.line.pointer} ${node.line.kind}`} node={node} depth={0} bare={bare} />
      ))}
    </div>
  );
}

type BranchProps = { readonly node: Node; readonly depth: number; readonly bare?: boolean };

function Branch({ node, depth, bare = false }: BranchProps) {
  const [folded, setFolded] = useState(false);
  const { line, more, children, close } = node;
  const key = bare ? undefined : line.key;
  const foldable = children.length > 0;
  const head = (
    <>
      {foldable ? <Fold folded={folded} onFold={setFolded} what={line.key ?? 'this'} /> : null}
      {key === undefined ? null : (
        <span className={styles['key']}>
          <Marked text={key} />
          {': '}
        </span>
      )}
      <Value line={line} />
    </>
  );
  if (folded)
    return (
      <Row line={line} depth={depth}>
        {head}
        <span className={styles['folded']}> {counted(countOf(node) - 2, 'line')} </span>
        {close === undefined ? null : <Value line={close} />}
      </Row>
    );
  return (
    <>
      <Row line={line} depth={depth}>
        {head}
      </Row>
      <Chunks
        lines={more}
        row={(part, at) => (
          <Row key={at} line={part} depth={depth + 1}>
            <Value line={part} />
          </Row>
        )}
      />
      {children.map((child) => (
        <Branch key={`${child.line.pointer} ${child.line.kind}`} node={child} depth={depth + 1} />
      ))}
      {close === undefined ? null : (
        <Row line={close} depth={depth}>
          <Value line={close} />
        </Row>
      )}
    </>
  );
}

type RowProps = { readonly line: Line; readonly depth: number; readonly children: React.ReactNode };

function Row({ line, depth, children }: RowProps) {
  const flagged = line.findings.length > 0 ? styles['flagged'] : '';
  return (
    <div
      className={`${styles['line']} ${flagged}`}
      style={{ paddingInlineStart: `${2 * Math.min(depth, INDENT_MAX)}ch` }}
    >
      {children}
    </div>
  );
}

type FoldProps = {
  readonly folded: boolean;
  readonly onFold: (folded: boolean) => void;
  readonly what: string;
};

function Fold({ folded, onFold, what }: FoldProps) {
  return (
    <button
      type="button"
      className={styles['fold']}
      aria-expanded={!folded}
      aria-label={`${folded ? 'Unfold' : 'Fold'} ${what}`}
      onClick={() => onFold(!folded)}
    >
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
        <path
          d={folded ? 'M4 2l4 4-4 4' : 'M2 4l4 4 4-4'}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
        />
      </svg>
    </button>
  );
}
