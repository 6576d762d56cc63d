/** The place of the answer: beside the action where there is room, at the thumb on a phone. */
import type { Me, Passkey, RequestDetail, ReviewResult } from '@countersign/sdk';
import { useState } from 'react';
import type { Drawn } from '../../../data/shown-action.ts';
import { useNow } from '../../../kit/time.tsx';
import styles from './answer.module.css';
import { Answered } from './answered.tsx';
import { useDraft } from './draft.ts';
import { AnswerForm } from './form.tsx';
import { Barred, Expired, Over } from './no-answer.tsx';
import { standOf } from './stand.ts';

export type PanelProps = {
  readonly detail: RequestDetail;
  readonly drawn: Drawn;
  readonly me: Me;
  readonly keys: readonly Passkey[];
  /** All of the action has been on the screen. */
  readonly seen: boolean;
  /** What somebody came to do. */
  readonly wants?: 'approve' | 'deny' | undefined;
};

export type Given = { readonly decision: 'approved' | 'denied'; readonly result: ReviewResult };

export function AnswerPanel(props: PanelProps) {
  const { detail, keys } = props;
  const [given, setGiven] = useState<Given>();
  const [draft, setDraft] = useDraft(detail.id);
  const now = useNow();
  const stand = standOf(detail, { keys: keys.length, now });
  return (
    <section
      className={styles['panel']}
      aria-label="Your answer"
      data-thumb={stand.kind === 'may' || given !== undefined ? true : undefined}
    >
      {given !== undefined ? (
        <Answered given={given} id={detail.id} />
      ) : stand.kind === 'over' ? (
        <Over detail={detail} draft={draft} />
      ) : stand.kind === 'expired' ? (
        <Expired draft={draft} id={detail.id} />
      ) : stand.kind === 'barred' ? (
        <Barred why={stand.why} answered={stand.answered} id={detail.id} draft={draft} />
      ) : (
        <AnswerForm {...props} stand={stand} draft={draft} onDraft={setDraft} onGiven={setGiven} />
      )}
    </section>
  );
}
