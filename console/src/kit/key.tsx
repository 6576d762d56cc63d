/** A key to press, and how the console listens for keys: never while somebody writes. */
import { useEffect, useRef } from 'react';
import styles from './key.module.css';

export const Key = ({ children }: { readonly children: string }) => (
  <kbd className={styles['key']}>{children}</kbd>
);

export type Keys = { readonly [key: string]: (() => void) | undefined };

/** Single keys, without modifiers, outside of fields and dialogs. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || writes(event.target))
        return;
      const run = current.current[event.key];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.closest('input, textarea, select, [role="dialog"], [role="listbox"], [role="menu"]') !== null);
