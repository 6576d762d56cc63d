/** A few lines at first, so that the answer stays near; all of them with one press. What does not fit is said, not faded. */
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { counted } from '../../../words/size.ts';
import code from '../action/action.module.css';
import styles from './preview.module.css';

export function Clamped({ total, children }: { readonly total: number; readonly children: ReactNode }) {
  const lines = useRef<HTMLPreElement>(null);
  const [over, setOver] = useState(false);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const box = lines.current;
    if (box === null) return undefined;
    const look = (): void => setOver(box.scrollHeight > box.clientHeight + 1);
    look();
    const watcher = new ResizeObserver(look);
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);
  return (
    <div className={`${code['code']} ${code['diff']}`}>
      <pre ref={lines} className={styles['lines']} data-open={open ? true : undefined}>
        {children}
      </pre>
      {over || open ? (
        <Button kind="quiet" size="small" aria-expanded={open} onPress={() => setOpen(!open)}>
          {open ? 'Show less' : `Show all ${counted(total, 'line')}`}
        </Button>
      ) : null}
    </div>
  );
}
