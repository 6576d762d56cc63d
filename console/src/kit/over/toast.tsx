/** What just happened, said once at the corner and read out; undo where there can be one. */
import {
  UNSTABLE_ToastContent as Content,
  UNSTABLE_ToastQueue as Queue,
  UNSTABLE_ToastRegion as Region,
  Text,
  UNSTABLE_Toast as Toast,
} from 'react-aria-components';
import { Button } from '../button.tsx';
import { Shown } from '../shown.tsx';
import styles from './toast.module.css';

export type Said = {
  readonly text: string;
  readonly tone?: 'plain' | 'red';
  readonly undo?: () => void;
};

const SHOWN_MS = 6000;
const queue = new Queue<Said>({ maxVisibleToasts: 3 });

/** Says it; longer where it can be undone. */
export function say(said: Said): void {
  queue.add(said, { timeout: said.undo === undefined ? SHOWN_MS : 2 * SHOWN_MS });
}

export function Toasts() {
  return (
    <Region queue={queue} className={styles['region'] ?? ''} aria-label="What just happened">
      {({ toast }) => (
        <Toast
          toast={toast}
          className={`${styles['toast']} ${toast.content.tone === 'red' ? styles['red'] : ''}`}
        >
          <Content>
            <Text slot="title">
              <Shown text={toast.content.text} />
            </Text>
          </Content>
          {toast.content.undo === undefined ? null : (
            <Button
              size="small"
              onPress={() => {
                toast.content.undo?.();
                queue.close(toast.key);
              }}
            >
              Undo
            </Button>
          )}
          <Button slot="close" kind="quiet" size="small" aria-label="Dismiss">
            ×
          </Button>
        </Toast>
      )}
    </Region>
  );
}
