/** What a view says when there is nothing, when it waits, and when something went wrong: always with what to do next. */
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import styles from './said.module.css';

export type EmptyProps = { readonly title: string; readonly children?: ReactNode; readonly mark?: ReactNode };

export function Empty({ title, children, mark }: EmptyProps) {
  return (
    <div className={styles['empty']}>
      {mark}
      <p className={styles['title']}>{title}</p>
      {children === undefined ? null : <div className={styles['text']}>{children}</div>}
    </div>
  );
}

export type NoteProps = {
  readonly tone: 'plain' | 'amber' | 'red' | 'blue' | 'green' | 'violet';
  readonly title?: string;
  readonly children?: ReactNode;
  /** Read out at once: what just went wrong, or just happened. */
  readonly live?: 'alert' | 'status';
  readonly action?: ReactNode;
};

export function Note({ tone, title, children, live, action }: NoteProps) {
  return (
    <div className={`${styles['note']} ${styles[tone]}`} role={live}>
      <div>
        {title === undefined ? null : <p className={styles['note-title']}>{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}

export type ProblemProps = { readonly title: string; readonly detail: string; readonly onAgain?: () => void };

export function Problem({ title, detail, onAgain }: ProblemProps) {
  const action =
    onAgain === undefined ? undefined : (
      <Button size="small" onPress={onAgain}>
        Try again
      </Button>
    );
  return (
    <Note tone="red" title={title} live="alert" action={action}>
      <p>{detail}</p>
    </Note>
  );
}

/** Nothing for the first moment: what loads quickly must not flash. */
export function Waiting({ what = 'Loading' }: { readonly what?: string }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles['waiting']} role="status">
      {long ? `${what} …` : ''}
    </div>
  );
}
