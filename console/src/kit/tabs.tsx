/** Parts of one view that have URLs of their own: links that look like tabs, so that every part can be sent to somebody. */
import type { ReactNode } from 'react';
import styles from './tabs.module.css';

export function TabLinks({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav className={styles['tabs']} aria-label={label}>
      {children}
    </nav>
  );
}

/** For a router link's `className` and `activeProps`. */
export const tabLink = styles['tab'] ?? '';
