/** Asks for what something takes, or once more before what cannot be taken back; says what it means, and why it was refused. */
import type { ReactNode } from 'react';
import { Button, type ButtonKind } from '../button.tsx';
import { Problem } from '../said.tsx';
import { Dialog } from './dialog.tsx';

export type AskProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** What the button does, in its own words. */
  readonly action: string;
  readonly kind?: ButtonKind;
  /** What the other one does. */
  readonly leave?: string;
  readonly isPending: boolean;
  readonly isDisabled?: boolean;
  readonly onConfirm: () => void;
  readonly refusal?: string | undefined;
  /** What the refusal comes to. */
  readonly refused?: string;
};

export function Ask(props: AskProps) {
  const { title, isOpen, onClose, children, action, kind = 'danger', leave = 'Leave it' } = props;
  const { refusal, refused = 'Nothing was changed' } = props;
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button kind="quiet" onPress={onClose}>
            {leave}
          </Button>
          <Button
            kind={kind}
            isPending={props.isPending}
            isDisabled={props.isDisabled ?? false}
            onPress={props.onConfirm}
          >
            {action}
          </Button>
        </>
      }
    >
      {children}
      {refusal === undefined ? null : <Problem title={refused} detail={refusal} />}
    </Dialog>
  );
}
