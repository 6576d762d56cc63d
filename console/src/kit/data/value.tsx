/** A JSON value in core’s own lines, hidden characters written out, secrets as their marks: complete, or it says what is not. */
import { formatLine, type Json, type Redactions, renderJson } from '@countersign/core';
import { Marked } from '../shown.tsx';
import styles from './lines.module.css';

export type ValueProps = {
  readonly label: string;
  readonly value: Json;
  readonly redactions?: Redactions;
  /** Only what stands below this JSON Pointer. */
  readonly below?: string;
};

export function Value({ label, value, redactions, below = '' }: ValueProps) {
  const rendering = renderJson(value, redactions === undefined ? {} : { redactions });
  const lines = rendering.lines.filter(({ pointer }) => pointer === below || pointer.startsWith(`${below}/`));
  const indent = Math.min(...lines.map((line) => line.indent), 64);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
    <section className={styles['lines']} aria-label={label} tabIndex={0}>
      <pre>
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is where it stands.
          <span key={at}>
            <Marked text={formatLine({ ...line, indent: line.indent - indent })} />
            {'\n'}
          </span>
        ))}
        {rendering.complete ? null : <strong>Not all of it is shown.</strong>}
      </pre>
    </section>
  );
}
