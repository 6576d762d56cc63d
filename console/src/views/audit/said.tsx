/** An entry's sentence on the page: names from elsewhere safely shown. */
import { Shown } from '../../kit/shown.tsx';
import styles from './audit.module.css';
import type { Part } from './words.ts';

export function Sentence({ parts }: { readonly parts: readonly Part[] }) {
  return parts.map((part, index) =>
    typeof part === 'string' ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a word is where it stands.
      <span key={index} className={styles['named']}>
        <Shown text={part.name} />
      </span>
    ),
  );
}
