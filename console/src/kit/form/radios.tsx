/** One of a few, each with what it means: to be read before it is chosen. */
import { Label, Radio, RadioGroup } from 'react-aria-components';
import styles from './radios.module.css';
import type { Choice } from './select.tsx';

export type RadiosProps<K extends string> = {
  readonly label: string;
  readonly choices: readonly Choice<K>[];
  readonly value: K | undefined;
  readonly onChange: (value: K) => void;
  readonly isDisabled?: boolean;
};

export function Radios<K extends string>({ label, choices, value, onChange, isDisabled }: RadiosProps<K>) {
  return (
    <RadioGroup
      value={value ?? null}
      onChange={(id) => {
        const chosen = choices.find((choice) => choice.id === id);
        if (chosen !== undefined) onChange(chosen.id);
      }}
      isDisabled={isDisabled ?? false}
      className={styles['group'] ?? ''}
    >
      <Label className={styles['label'] ?? ''}>{label}</Label>
      {choices.map((choice) => (
        <Radio key={choice.id} value={choice.id} className={styles['radio'] ?? ''}>
          <span className={styles['dot']} aria-hidden="true" />
          <span>
            <span className={styles['name']}>{choice.label}</span>
            {choice.about === undefined ? null : <span className={styles['about']}>{choice.about}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
