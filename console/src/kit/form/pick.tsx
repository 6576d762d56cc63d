/** One of a few words, in the system's own list: for a line of filters, or where nothing has to be explained. */
import { visible } from '@countersign/core';
import { useId } from 'react';
import { Chevron } from '../chevron.tsx';
import styles from './field.module.css';

export type PickProps = {
  readonly label: string;
  /** What nothing chosen is called: it says to the eye what is chosen here, and the label stands for screen readers alone. */
  readonly any?: string;
  readonly choices: readonly (readonly [id: string, label: string])[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
};

export function Pick({ label, any, choices, value, onChange }: PickProps) {
  const id = useId();
  return (
    <div className={any === undefined ? styles['field'] : styles['pick']}>
      <label htmlFor={id} className={any === undefined ? styles['label'] : 'sr-only'}>
        {label}
      </label>
      <span className={styles['picked']}>
        <select
          id={id}
          className={styles['input']}
          value={value ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
        >
          {any === undefined ? null : <option value="">{any}</option>}
          {choices.map(([choice, name]) => (
            <option key={choice} value={choice}>
              {visible(name).text}
            </option>
          ))}
        </select>
        <Chevron />
      </span>
    </div>
  );
}
