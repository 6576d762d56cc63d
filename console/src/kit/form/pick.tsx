/** One of a few words, in the system's own list: for a line of filters, where nothing has to be explained. */
import { visible } from '@countersign/core';
import { Chevron } from '../chevron.tsx';
import styles from './field.module.css';

export type PickProps = {
  /** For screen readers: the first choice says it to the others. */
  readonly label: string;
  /** What nothing chosen is called. */
  readonly any: string;
  readonly choices: readonly (readonly [id: string, label: string])[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
};

export const Pick = ({ label, any, choices, value, onChange }: PickProps) => (
  <span className={styles['pick']}>
    <select
      aria-label={label}
      className={styles['input']}
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
    >
      <option value="">{any}</option>
      {choices.map(([id, name]) => (
        <option key={id} value={id}>
          {visible(name).text}
        </option>
      ))}
    </select>
    <Chevron />
  </span>
);
