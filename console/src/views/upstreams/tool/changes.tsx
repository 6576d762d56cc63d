/** What differs between the accepted definition and the newest, part by part, before and after. */
import type { Json } from '@countersign/core';
import type { ToolChange } from '@countersign/sdk';
import { Lines, pretty } from '../../../kit/data/lines.tsx';
import { Mark, type Shape, type Tone } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import styles from './tool.module.css';

const KINDS: {
  readonly [K in ToolChange['kind']]: { readonly word: string; readonly tone: Tone; readonly shape: Shape };
} = {
  added: { word: 'Added', tone: 'green', shape: 'ring' },
  removed: { word: 'Removed', tone: 'red', shape: 'cross' },
  changed: { word: 'Changed', tone: 'amber', shape: 'half' },
};

export function Changes({ changes }: { readonly changes: readonly ToolChange[] }) {
  return (
    <ul className={styles['changes']}>
      {changes.map((change) => (
        <li key={`${change.kind} ${change.path}`} className={styles['change']}>
          <p className={styles['where']}>
            <Mark tone={KINDS[change.kind].tone} shape={KINDS[change.kind].shape}>
              {KINDS[change.kind].word}
            </Mark>
            <Shown text={change.path === '' ? 'the whole definition' : change.path} mono />
          </p>
          <div className={styles['sides']}>
            <Side word="Accepted" of={change} value={change.before} />
            <Side word="Now" of={change} value={change.after} />
          </div>
        </li>
      ))}
    </ul>
  );
}

type SideProps = { readonly word: string; readonly of: ToolChange; readonly value: Json | undefined };

function Side({ word, of, value }: SideProps) {
  if (value === undefined) return null;
  return (
    <div className={styles['side']}>
      <p className={styles['word']}>{word}</p>
      <Lines label={`${of.path}, ${word}`} text={typeof value === 'string' ? value : pretty(value)} wrap />
    </div>
  );
}
