/** What is hidden and why; and how somebody who must see it does: on the record first (I6, I7). */
import { redactionMark } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { useState } from 'react';
import { useChange } from '../../data/change.ts';
import { gate, wordsOf } from '../../data/gate.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/form/field.tsx';
import { Section } from '../../kit/layout.tsx';
import { Note, Problem } from '../../kit/said.tsx';
import { Marked, Shown } from '../../kit/shown.tsx';
import { counted } from '../../words/size.ts';
import styles from './request.module.css';

const WHY = {
  secret: 'looks like, or is known to be, a secret',
  pii: 'is personal data, which the policy hides',
  failure: 'could not be checked, so it is hidden',
} as const;

export function Redacted({ detail }: { readonly detail: RequestDetail }) {
  const { redactions, revealed, status, eligibility, break_glass } = detail;
  if (revealed)
    return (
      <Note tone="amber">
        <p>You see it in clear. That you do, and why, is on the record.</p>
      </Note>
    );
  if (redactions.length === 0) return null;
  const may = status === 'pending' && (eligibility.eligible || break_glass?.eligible === true);
  return (
    <Section title="What is hidden" aside={counted(redactions.length, 'place')}>
      <ul className={styles['hidden']}>
        {redactions.map((redaction) => (
          <li key={`${redaction.pointer} ${redaction.range?.start ?? ''} ${redaction.label}`}>
            <Shown text={redaction.pointer} mono /> <Marked text={redactionMark(redaction)} />{' '}
            <span className={styles['soft']}>{WHY[redaction.kind]}</span>
          </li>
        ))}
      </ul>
      {may ? <Reveal id={detail.id} /> : null}
    </Section>
  );
}

function Reveal({ id }: { readonly id: string }) {
  const [why, setWhy] = useState('');
  const change = useChange({
    run: (reason: string) => gate.requests.reveal(id, reason),
    stale: [['requests', 'one', id]],
    shows_refusal: true,
  });
  return (
    <form
      className={styles['reveal']}
      onSubmit={(event) => {
        event.preventDefault();
        if (why.trim() !== '') change.mutate(why.trim());
      }}
    >
      <TextField label="Why you must see it, for the record" value={why} onChange={setWhy} maxLength={2000} />
      <Button type="submit" isDisabled={why.trim() === ''} isPending={change.isPending}>
        Show me
      </Button>
      {change.isError ? <Problem title="It stays hidden" detail={wordsOf(change.error)} /> : null}
    </form>
  );
}
