/**
 * Breaking the glass: a way of its own, never beside Approve. It says what it lifts, who is told and who judges it, and
 * takes a reason and a passkey.
 */
import { type By, NO_GLASS } from '@countersign/core';
import type { Me, Passkey, RequestDetail } from '@countersign/sdk';
import { useState } from 'react';
import { breakGlass } from '../../../data/answering.ts';
import { useChange } from '../../../data/change.ts';
import { wordsOf } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Dialog } from '../../../kit/over/dialog.tsx';
import { Problem } from '../../../kit/said.tsx';
import { whoIs } from '../why/seats.ts';
import styles from './answer.module.css';

export type EmergencyProps = {
  readonly detail: RequestDetail;
  readonly me: Me;
  readonly keys: readonly Passkey[];
  /** Why the action cannot be judged from this page. */
  readonly blocked: string | undefined;
};

/** What keeps somebody who is named from it for now; others are not shown it. */
const FOR_NOW = ['no_passkey', 'delegated', 'nobody_after'];

export function Emergency({ detail, me, keys, blocked }: EmergencyProps) {
  const [open, setOpen] = useState(false);
  const offer = detail.break_glass;
  if (offer?.offered !== true) return null;
  const { eligible, why_not } = offer;
  if (!eligible && !FOR_NOW.includes(why_not ?? '')) return null;
  const off = eligible ? blocked : `You may not now: ${NO_GLASS[why_not ?? 'not_named']}.`;
  return (
    <section className={styles['emergency']} aria-label="In an emergency">
      <p>In an emergency, without the others:</p>
      <Button kind="quiet" size="small" isDisabled={off !== undefined} onPress={() => setOpen(true)}>
        <span className={off === undefined ? styles['red'] : undefined}>Break the glass …</span>
      </Button>
      {off === undefined ? null : <p className={styles['soft']}>{off}</p>}
      {open ? <BreakDialog {...{ detail, me, keys }} onClose={() => setOpen(false)} /> : null}
    </section>
  );
}

type BreakProps = Omit<EmergencyProps, 'blocked'> & { readonly onClose: () => void };

function BreakDialog({ detail, me, keys, onClose }: BreakProps) {
  const [reason, setReason] = useState('');
  const change = useChange({
    run: () => breakGlass(detail, reason.trim(), { person: me.id, keys }),
    stale: [['requests'], ['break-glass']],
    said: () => 'The glass is broken. It runs once the agent asks for it again.',
    onDone: onClose,
    shows_refusal: true,
  });
  const terms = detail.requirement.break_glass;
  return (
    <Dialog
      title="Break the glass"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Leave it closed</Button>
          <Button
            kind="danger"
            isPending={change.isPending}
            isDisabled={reason.trim() === ''}
            onPress={() => change.mutate()}
          >
            Break it, with passkey
          </Button>
        </>
      }
    >
      <ul className={styles['points']}>
        <li>It may run once, within ten minutes, without anybody else’s agreement.</li>
        <li>Operators and the agent’s owner are told{notified(terms?.notify)}, with your name and reason.</li>
        <li>Somebody else judges afterwards whether it was right{judges(terms?.review)}.</li>
      </ul>
      <TextField
        label="What the emergency is, and why it cannot wait"
        lines={3}
        value={reason}
        onChange={setReason}
        maxLength={2000}
        autoFocus
      />
      {change.isError ? <Problem title="The glass is whole" detail={wordsOf(change.error)} /> : null}
    </Dialog>
  );
}

const notified = (bys: readonly By[] = []): string =>
  bys.length === 0 ? '' : `, and ${bys.map((by) => whoIs(by).replace(/^of /, 'everybody of ')).join(', ')}`;
const judges = (bys: readonly By[] = []): string =>
  bys.length === 0 ? '' : `: ${bys.map((by) => whoIs(by).replace(/^of /, 'somebody of ')).join(' and ')}`;
