/** Differences, one after the other: a sign before every line, so that colour is never alone. */

import { Mark } from '../../../kit/mark.tsx';
import { Marked } from '../../../kit/shown.tsx';
import styles from './action.module.css';
import type { Change, DiffLine } from './changes.ts';
import { Chunks } from './chunks.tsx';

const KINDS = {
  added: { tone: 'green', shape: 'ring', word: 'added' },
  removed: { tone: 'red', shape: 'cross', word: 'removed' },
  changed: { tone: 'ink', shape: 'half', word: 'changed' },
} as const;
const SAID: { readonly [S in DiffLine['sign']]: string } = { '+': 'added: ', '-': 'removed: ', ' ': '' };
const CLASS: { readonly [S in DiffLine['sign']]: string } = { '+': 'come', '-': 'gone', ' ': 'same' };

export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return changes.map(({ title, kind, lines }) => (
    <figure key={title} className={`${styles['code']} ${styles['diff']}`}>
      <figcaption>
        <strong>
          <Marked text={title} />
        </strong>{' '}
        <Mark tone={KINDS[kind].tone} shape={KINDS[kind].shape}>
          {KINDS[kind].word}
        </Mark>
      </figcaption>
      <pre>
        <Chunks
          lines={lines}
          row={({ sign, text }, at) => (
            <div key={at} className={`${styles['diff-line']} ${styles[CLASS[sign]]}`} data-sign={sign}>
              {SAID[sign] === '' ? null : <span className="sr-only">{SAID[sign]}</span>}
              <Marked text={text} />
              {'\n'}
            </div>
          )}
        />
      </pre>
    </figure>
  ));
}
