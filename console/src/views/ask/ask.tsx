/** Something that takes a reason, which goes on the record: asked for in a dialog, sent on a press. */
import type { QueryKey } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../data/change.ts';
import { wordsOf } from '../../data/gate.ts';
import { Button, type ButtonKind } from '../../kit/button.tsx';
import { TextField } from '../../kit/form/field.tsx';
import { Dialog } from '../../kit/over/dialog.tsx';
import { Problem } from '../../kit/said.tsx';

export type AskProps = {
  /** On the button that opens it, and on the one that does it. */
  readonly word: string;
  readonly title: string;
  readonly children: ReactNode;
  readonly kind?: ButtonKind;
  readonly size?: 'small' | 'normal';
  /** Undefined: it takes no reason. */
  readonly reason?: string;
  readonly run: (reason: string) => Promise<unknown>;
  readonly said: string;
  /** What it may have changed; requests and what they gave, when nothing is said. */
  readonly stale?: readonly QueryKey[];
};

const OF_REQUESTS: readonly QueryKey[] = [['requests'], ['grants'], ['approvals']];

export function Ask({
  word,
  title,
  children,
  kind = 'plain',
  size = 'small',
  reason,
  run,
  said,
  stale = OF_REQUESTS,
}: AskProps) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const change = useChange({
    run,
    stale,
    said: () => said,
    onDone: () => {
      setOpen(false);
      setText('');
    },
    shows_refusal: true,
  });
  const missing = reason !== undefined && text.trim() === '';
  return (
    <>
      <Button kind={kind} size={size} onPress={() => setOpen(true)}>
        {word}
      </Button>
      <Dialog
        title={title}
        isOpen={open}
        onClose={() => setOpen(false)}
        actions={
          <>
            <Button onPress={() => setOpen(false)}>Leave it</Button>
            <Button
              kind={kind === 'primary' ? 'primary' : 'danger'}
              isPending={change.isPending}
              isDisabled={missing}
              onPress={() => change.mutate(text.trim())}
            >
              {word}
            </Button>
          </>
        }
      >
        {children}
        {reason === undefined ? null : (
          <TextField label={reason} lines={3} value={text} onChange={setText} maxLength={2000} autoFocus />
        )}
        {change.isError ? <Problem title="Nothing was changed" detail={wordsOf(change.error)} /> : null}
      </Dialog>
    </>
  );
}
