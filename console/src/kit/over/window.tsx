/** A dialog as it is drawn. */
import { Dialog as DialogBase, Heading, Modal, ModalOverlay } from 'react-aria-components';
import styles from './dialog.module.css';
import type { DialogProps } from './dialog.tsx';

export function DialogWindow({ title, isOpen, onClose, children, actions, wide = false }: DialogProps) {
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
