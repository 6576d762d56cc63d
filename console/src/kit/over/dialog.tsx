/** What comes over the page and goes again: dialogs and menus. Focus goes in, stays in, and comes back; Escape closes. */
import type { ReactNode } from 'react';
import { Dialog as DialogBase, Heading, Modal, ModalOverlay } from 'react-aria-components';
import styles from './dialog.module.css';

export type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** The buttons, the most likely last. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
};

export function Dialog({ title, isOpen, onClose, children, actions, wide = false }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable
      className={styles['veil'] ?? ''}
    >
      <Modal className={`${styles['modal']} ${wide ? styles['wide'] : ''}`}>
        <DialogBase className={styles['dialog'] ?? ''}>
          <Heading slot="title" className={styles['title'] ?? ''}>
            {title}
          </Heading>
          <div className={styles['body']}>{children}</div>
          {actions === undefined ? null : <footer className={styles['actions']}>{actions}</footer>}
        </DialogBase>
      </Modal>
    </ModalOverlay>
  );
}
