/** What somebody will want elsewhere: a command, a digest, an address; copied with one press. */
import { Check, Copy as CopyPicture } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../button.tsx';
import styles from './copy.module.css';

const DONE_MS = 1500;

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), DONE_MS);
  };
  return (
    <IconButton label={done ? 'Copied' : `Copy ${what}`} onPress={() => void copy()}>
      {done ? <Check size={14} aria-hidden="true" /> : <CopyPicture size={14} aria-hidden="true" />}
    </IconButton>
  );
}

/** A command or a snippet to paste somewhere else. */
export function Command({ text, what = 'command' }: { readonly text: string; readonly what?: string }) {
  return (
    <div className={styles['command']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

/** A digest or an id: short to look at, whole when hovered or copied. */
export function Id({ text, short }: { readonly text: string; readonly short?: string }) {
  return (
    <span className={styles['id']}>
      <code title={text}>{short ?? text}</code>
      <CopyButton text={text} what="it whole" />
    </span>
  );
}
