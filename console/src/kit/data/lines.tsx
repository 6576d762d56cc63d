/** Text of many lines, or a JSON value, exactly and safely: what is hidden in it is written out and marked (A3). */
import { type Finding, visible } from '@countersign/core';
import type { ReactNode } from 'react';
import styles from './lines.module.css';

export type LinesProps = {
  readonly label: string;
  readonly text: string;
  /** Lines break where they are too long, instead of scrolling sideways. */
  readonly wrap?: boolean;
};

export function Lines({ label, text, wrap = false }: LinesProps) {
  const { text: clear, findings, complete } = visible(text, { multiline: true });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
    <section className={`${styles['lines']} ${wrap ? styles['wrap'] : ''}`} aria-label={label} tabIndex={0}>
      <pre>
        {marked(clear, findings)}
        {complete ? null : <strong>{'\n'}The rest is too long to show.</strong>}
      </pre>
    </section>
  );
}

function marked(text: string, findings: readonly Finding[]): readonly ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const { shown_offset, shown_length } of findings) {
    parts.push(
      text.slice(from, shown_offset),
      <span key={shown_offset} className={styles['found']}>
        {text.slice(shown_offset, shown_offset + shown_length)}
      </span>,
    );
    from = shown_offset + shown_length;
  }
  return [...parts, text.slice(from)];
}

export const pretty = (value: unknown): string => JSON.stringify(value, null, 2);
