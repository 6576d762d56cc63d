/** One answer to all that are chosen: off until each of them has been on the screen, and can be approved by itself (A7). */
import type { Me, Passkey, RequestDetail, ReviewsResult } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keyFor, sendAnswers } from '../../../data/answering.ts';
import { useChange } from '../../../data/change.ts';
import { wordsOf } from '../../../data/gate.ts';
import { drawAction } from '../../../data/shown-action.ts';
import { Button } from '../../../kit/button.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Problem } from '../../../kit/said.tsx';
import { counted } from '../../../words/size.ts';
import { shownAs } from './alike.ts';
import styles from './together.module.css';

export type AnswerAllProps = {
  readonly chosen: readonly RequestDetail[];
  /** `shownAs` of those whose last line has been on the screen. */
  readonly seen: ReadonlySet<string>;
  readonly me: Me;
  readonly keys: readonly Passkey[];
  readonly done: boolean;
  readonly onDone: (results: ReviewsResult['results']) => void;
};

type Decision = 'approved' | 'denied';

export function AnswerAll({ chosen, seen, me, keys, done, onDone }: AnswerAllProps) {
  const [reason, setReason] = useState('');
  const change = useChange({
    run: (decision: Decision) => {
      const why = reason.trim();
      const said = { decision, ...(why === '' ? {} : { reason: why }) };
      return sendAnswers(chosen, said, { person: me.id, keys });
    },
    stale: [['requests']],
    onDone,
    shows_refusal: true,
  });
  if (done)
    return (
      <p className={styles['bar']}>
        <Link to="/">Back to the inbox</Link>
      </p>
    );
  const off = whyNot(chosen, seen, keys);
  const signed = chosen.filter((detail) => keyFor(detail, { keys }) !== undefined).length;
  return (
    <section className={styles['bar']} aria-label="Your answer to all of them">
      <TextField
        label="Reason, for the record of each"
        value={reason}
        onChange={setReason}
        maxLength={2000}
      />
      {change.isError ? <Problem title="Nothing was sent" detail={wordsOf(change.error)} /> : null}
      {signed === 0 ? null : <p>Your passkey is asked for {counted(signed, 'time')}: once for each.</p>}
      {off === undefined ? null : (
        <p className={styles['off']} role="status">
          {off}
        </p>
      )}
      <div className={styles['buttons']}>
        <Button
          kind="danger"
          size="large"
          data-answer="deny"
          isDisabled={chosen.length === 0 || (change.isPending && change.variables === 'approved')}
          isPending={change.isPending && change.variables === 'denied'}
          onPress={() => change.mutate('denied')}
        >
          Deny {chosen.length}
        </Button>
        <Button
          kind="approve"
          size="large"
          data-answer="approve"
          isDisabled={off !== undefined || change.isPending}
          onPress={() => change.mutate('approved')}
        >
          Approve {chosen.length}
        </Button>
      </div>
    </section>
  );
}

function whyNot(
  chosen: readonly RequestDetail[],
  seen: ReadonlySet<string>,
  keys: readonly Passkey[],
): string | undefined {
  if (chosen.length === 0) return 'None of them is chosen.';
  const blocked = chosen.filter((detail) => drawAction(detail).blocked !== undefined).length;
  if (blocked > 0)
    return `Approve is off: ${counted(blocked, 'request')} cannot be approved from here. Leave it out.`;
  const unsigned = chosen.filter(
    (detail) => detail.proof_needed === 'passkey' && keyFor(detail, { keys }) === undefined,
  ).length;
  if (unsigned > 0) return 'Approve is off: it takes a confirmed passkey, and you have none here.';
  const unseen = chosen.filter((detail) => !seen.has(shownAs(detail))).length;
  return unseen === 0
    ? undefined
    : `Approve is off: you have not come to the end of ${counted(unseen, 'request')} yet.`;
}
