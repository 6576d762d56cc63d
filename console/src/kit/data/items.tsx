/** A short list of things with a few words each and what one can do with them: where a table would have one row. */
import type { ReactNode } from 'react';
import styles from './items.module.css';

export const Items = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <ul aria-label={label}>{children}</ul>
);

export type ItemProps = {
  readonly title: ReactNode;
  /** Its state, beside the title. */
  readonly mark?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
};

export function Item({ title, mark, children, actions }: ItemProps) {
  const acts = actions !== undefined && actions !== null;
  return (
    <li className={`${styles['item']} ${acts ? styles['with-actions'] : ''}`}>
      <div className={styles['text']}>
        <div className={styles['head']}>
          <span className={styles['title']}>{title}</span>
          {mark}
        </div>
        {children}
      </div>
      {acts ? <div className={styles['actions']}>{actions}</div> : null}
    </li>
  );
}
