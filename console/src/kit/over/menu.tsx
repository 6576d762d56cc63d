/** A button that opens a list of things to do. */
import type { ReactNode } from 'react';
import { Menu as MenuBase, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Button, type ButtonKind } from '../button.tsx';
import styles from './menu.module.css';

export type MenuChoice = {
  readonly id: string;
  readonly label: string;
  readonly onAction: () => void;
  readonly isDisabled?: boolean;
};
export type MenuProps = {
  readonly label: ReactNode;
  /** The name for screen readers, where the label is a picture. */
  readonly name?: string;
  readonly kind?: ButtonKind;
  readonly choices: readonly MenuChoice[];
};

export function Menu({ label, name, kind = 'plain', choices }: MenuProps) {
  const named = name === undefined ? {} : { 'aria-label': name };
  return (
    <MenuTrigger>
      <Button kind={kind} {...named}>
        {label}
      </Button>
      <Popover className={styles['list'] ?? ''} offset={4} placement="bottom end">
        <MenuBase items={choices} className={styles['menu'] ?? ''}>
          {(choice) => (
            <MenuItem
              id={choice.id}
              onAction={choice.onAction}
              isDisabled={choice.isDisabled ?? false}
              className={styles['item'] ?? ''}
            >
              {choice.label}
            </MenuItem>
          )}
        </MenuBase>
      </Popover>
    </MenuTrigger>
  );
}
