/**
 * Text that came from elsewhere: every invisible, reordering or look-alike character is written out and marked (A3).
 * Nothing an agent, an upstream or a person wrote may reach the page in any other way.
 */
import { visible } from '@countersign/core';
import styles from './shown.module.css';

export function Shown({ text, mono = false }: { readonly text: string; readonly mono?: boolean }) {
  const { text: clear, findings } = visible(text);
  const name = mono ? styles['mono'] : undefined;
  if (findings.length === 0) return <span className={name}>{clear}</span>;
  return (
    <span className={name}>
      {clear}{' '}
      <span className={styles['found']}>
        {findings.length === 1 ? '1 hidden character' : `${findings.length} hidden characters`}
      </span>
    </span>
  );
}
