/** What a call was, in one line: the gateway’s own sentence, already made visible. */
import type { Call } from '@countersign/sdk';
import { Marked, Shown } from '../../../kit/shown.tsx';

/** Of what was refused, or waits, nothing is said to have happened. */
const OPENED: ReadonlySet<string> = new Set(['succeeded', 'running', 'permitted']);

export function CallSentence({
  call: { action, upstream, sentence, outcome },
}: {
  readonly call: Pick<Call, 'action' | 'upstream' | 'sentence' | 'outcome'>;
}) {
  return action === 'session.open' ? (
    <>
      {OPENED.has(outcome) ? 'Opened' : 'Asked to open'} a session with <Shown text={upstream} />
    </>
  ) : (
    <Marked text={sentence} />
  );
}
