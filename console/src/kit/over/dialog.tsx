/**
 * What comes over the page and goes again: dialogs and menus. Focus goes in, stays in, and comes back; Escape closes. A
 * dialog's own code comes with the first that opens: most visits open none.
 */
import { type ReactNode, useEffect, useState } from 'react';
import { say } from './toast.tsx';
import type { DialogWindow } from './window.tsx';

export type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** The buttons, the most likely last. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
};

let loaded: typeof DialogWindow | undefined;

export function Dialog(props: DialogProps) {
  const { isOpen, onClose } = props;
  const [Window, setWindow] = useState(() => loaded);
  useEffect(() => {
    if (!isOpen || Window !== undefined) return;
    let over = false;
    import('./window.tsx').then(
      (given) => {
        loaded = given.DialogWindow;
        if (!over) setWindow(() => given.DialogWindow);
      },
      () => {
        if (over) return;
        say({ text: 'This cannot be opened now: the gateway cannot be reached. Try again.', tone: 'red' });
        onClose();
      },
    );
    return () => {
      over = true;
    };
  }, [isOpen, Window, onClose]);
  return Window === undefined ? null : <Window {...props} />;
}
