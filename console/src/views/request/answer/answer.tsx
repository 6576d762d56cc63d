/**
 * The answer to a request: approve, deny, a grant, what is done in an emergency. Nothing is sent before a press, nothing is
 * approved that was not shown whole, and what the gateway refuses is said in its own words.
 *
 * This file: the place of the answer, beside the action where there is room, at the thumb on a phone.
 */
import { useState } from 'react';
import { useNow } from '../../../kit/time.tsx';
import styles from './answer.module.css';
import { Answered } from './answered.tsx';
import { useDraft } from './draft.ts';
import { AnswerForm } from './form.tsx';
import { Barred, Expired, Over } from './no-answer.tsx';
import type { Given, PanelProps } from './props.ts';
import { standOf } from './stand.ts';

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
      data-thumb={stand.kind !== 'over' || given !== undefined ? true : undefined}
    >
      {given !== undefined ? (
        <Answered given={given} detail={detail} />
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
