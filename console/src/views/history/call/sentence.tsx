/** What a call was, in one line: the gateway’s own sentence, already made visible. */
import type { Call } from '@countersign/sdk';
import { Marked, Shown } from '../../../kit/shown.tsx';

export function CallSentence({
  call: { action, upstream, sentence },
}: {
  readonly call: Pick<Call, 'action' | 'upstream' | 'sentence'>;
}) {
  return action === 'session.open' ? (
    <>
      Opened a session with <Shown text={upstream} />
    </>
  ) : (
    <Marked text={sentence} />
  );
}
