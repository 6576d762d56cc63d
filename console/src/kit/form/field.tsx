/**
 * Form controls with their label, hint and error, from React Aria Components: named for screen readers, driven by the
 * keyboard. They hold no value of their own that a view does not know.
 */
import type { ReactNode } from 'react';
import {
  Checkbox as CheckboxBase,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as TextBase,
} from 'react-aria-components';
import styles from './field.module.css';

export type FieldCommon = {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string;
  readonly name?: string;
  /** The label is for screen readers alone: the place says it. */
  readonly quiet?: boolean;
  readonly isDisabled?: boolean;
};

export type TextFieldProps = FieldCommon & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly lines?: number;
  readonly mono?: boolean;
  readonly autoFocus?: boolean;
  readonly isRequired?: boolean;
  readonly maxLength?: number;
  readonly type?: 'text' | 'date';
};

export function TextField({
  label,
  hint,
  error,
  quiet = false,
  lines = 1,
  mono = false,
  placeholder,
  autoFocus,
  ...rest
}: TextFieldProps) {
  const name = `${styles['input']} ${mono ? styles['mono'] : ''}`;
  const focus = autoFocus === undefined ? {} : { autoFocus };
  const hold = placeholder === undefined ? {} : { placeholder };
  return (
    <TextBase {...rest} {...focus} isInvalid={error !== undefined} className={styles['field'] ?? ''}>
      <Label className={quiet ? 'sr-only' : (styles['label'] ?? '')}>{label}</Label>
      {lines > 1 ? (
        <TextArea rows={lines} {...hold} className={name} />
      ) : (
        <Input {...hold} className={name} />
      )}
      {hint === undefined ? null : (
        <Text slot="description" className={styles['hint'] ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={styles['error'] ?? ''}>{error}</FieldError>
    </TextBase>
  );
}

export type CheckboxProps = {
  readonly children: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (selected: boolean) => void;
  readonly isDisabled?: boolean;
};

export function Checkbox({ children, ...rest }: CheckboxProps) {
  return (
    <CheckboxBase {...rest} className={styles['check'] ?? ''}>
      <span className={styles['box']}>
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
          <path d="M2 6.5l3 3 5-7" fill="none" stroke="currentColor" strokeWidth="2" />
        </svg>
      </span>
      {children}
    </CheckboxBase>
  );
}
