/** Asks once more before something that cannot be taken back, and says what it means. */
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
  readonly isPending: boolean;
  readonly isDisabled?: boolean;
  readonly onConfirm: () => void;
  readonly refusal?: string | undefined;
};

export function Ask(props: AskProps) {
  const { title, isOpen, onClose, children, action, kind = 'danger', refusal } = props;
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button kind="quiet" onPress={onClose}>
            Leave it
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
      {refusal === undefined ? null : <Problem title="Nothing was changed" detail={refusal} />}
    </Dialog>
  );
}
