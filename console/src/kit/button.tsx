/**
 * The pieces every view is made of, on top of React Aria Components. They know colours, sizes, keyboards and screen
 * readers; they must never know the gateway, a request or a route.
 */
import type { ReactNode } from 'react';
import {
  Button as Pressable,
  type ButtonProps as PressableProps,
  Tooltip,
  TooltipTrigger,
} from 'react-aria-components';
import styles from './button.module.css';

export type ButtonKind = 'plain' | 'primary' | 'danger' | 'quiet' | 'approve';
export type ButtonProps = Omit<PressableProps, 'className' | 'style' | 'children'> & {
  readonly kind?: ButtonKind;
  readonly size?: 'small' | 'normal' | 'large';
  readonly children: ReactNode;
  readonly wide?: boolean;
};

export function Button({ kind = 'plain', size = 'normal', wide = false, ...rest }: ButtonProps) {
  const names = [styles['button'], styles[kind], styles[size], wide ? styles['wide'] : ''];
  return <Pressable {...rest} className={names.filter(Boolean).join(' ')} />;
}

/** For a link that leads to doing something: a router link's `className`. */
export const linkButton = `${styles['button']} ${styles['link']}`;

export type IconButtonProps = Omit<PressableProps, 'className' | 'style' | 'children' | 'aria-label'> & {
  /** What it does: the screen reader's name and the tooltip. */
  readonly label: string;
  readonly children: ReactNode;
};

export function IconButton({ label, ...rest }: IconButtonProps) {
  return (
    <TooltipTrigger delay={400}>
      <Pressable {...rest} aria-label={label} className={`${styles['button']} ${styles['icon']}`} />
      <Tooltip className={styles['tip'] ?? ''} offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
