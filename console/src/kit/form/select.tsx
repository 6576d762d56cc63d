/** One of several in a list that opens, each with what it means where that helps. */

import { visible } from '@countersign/core';
import {
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Button as Pressable,
  Select as SelectBase,
  SelectValue,
  Text,
} from 'react-aria-components';
import { Chevron } from '../chevron.tsx';
import { Shown } from '../shown.tsx';
import styles from './field.module.css';
import type { FieldCommon } from './field.tsx';

export type Choice<K extends string> = { readonly id: K; readonly label: string; readonly about?: string };
export type SelectProps<K extends string> = FieldCommon & {
  readonly choices: readonly Choice<K>[];
  readonly value: K;
  readonly onChange: (value: K) => void;
};

export function Select<K extends string>({
  label,
  hint,
  quiet = false,
  choices,
  value,
  onChange,
  isDisabled = false,
}: SelectProps<K>) {
  return (
    <SelectBase
      value={value}
      onChange={(key) => {
        const chosen = choices.find(({ id }) => id === key);
        if (chosen !== undefined) onChange(chosen.id);
      }}
      isDisabled={isDisabled}
      className={styles['field'] ?? ''}
    >
      <Label className={quiet ? 'sr-only' : (styles['label'] ?? '')}>{label}</Label>
      <Pressable className={`${styles['input']} ${styles['choice']}`}>
        <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
        <Chevron />
      </Pressable>
      {hint === undefined ? null : (
        <Text slot="description" className={styles['hint'] ?? ''}>
          {hint}
        </Text>
      )}
      <Popover className={styles['list'] ?? ''} offset={4}>
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem
              id={choice.id}
              textValue={visible(choice.label).text}
              className={styles['item'] ?? ''}
            >
              <Text slot="label">
                <Shown text={choice.label} />
              </Text>
              {choice.about === undefined ? null : (
                <Text slot="description" className={styles['hint'] ?? ''}>
                  {choice.about}
                </Text>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </SelectBase>
  );
}
