/** Giving one's own seat: to whom, from when, until when. What is too long or not theirs to take, the gateway says. */
import type { DelegationInput } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { refusalOf, useChange } from '../../../data/change.ts';
import { peopleQuery } from '../../../data/directory.ts';
import { gate } from '../../../data/gate.ts';
import { useMe } from '../../../data/me.ts';
import { TextField } from '../../../kit/form/field.tsx';
import { Select } from '../../../kit/form/select.tsx';
import { Ask } from '../../../kit/over/ask.tsx';
import { dayOf, lastOf, startOf } from './days.ts';

const DAY_MS = 86_400_000;

export function GiveSeat({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const me = useMe();
  const { data: people } = useSuspenseQuery(peopleQuery);
  const others = people.filter(
    ({ id, active, roles }) => id !== me.id && active && roles.includes('reviewer'),
  );
  const [to, setTo] = useState(others[0]?.id ?? '');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState(() => dayOf(Date.now() + 7 * DAY_MS));
  const give = useChange({
    run: (input: DelegationInput) => gate.delegations.give(input),
    stale: [['delegations']],
    said: () => 'Your seat is given.',
    onDone: onClose,
    shows_refusal: true,
  });
  const end = lastOf(until);
  const start = startOf(from);
  return (
    <Ask
      title="Give your seat"
      isOpen={isOpen}
      onClose={onClose}
      action="Give it"
      kind="primary"
      leave="Keep it"
      isPending={give.isPending}
      isDisabled={to === '' || end === undefined}
      onConfirm={() => {
        if (end === undefined) return;
        give.mutate({ to, until: end, ...(start === undefined ? {} : { starts_at: start }) });
      }}
      refusal={refusalOf(give)}
    >
      {others.length === 0 ? (
        <p>There is no other active reviewer to give it to.</p>
      ) : (
        <>
          <Select
            label="To"
            choices={others.map(({ id, name }) => ({ id, label: name, about: id }))}
            value={to}
            onChange={setTo}
          />
          <TextField
            label="From"
            type="date"
            value={from}
            onChange={setFrom}
            hint="From midnight where you are. Left empty: from now."
          />
          <TextField label="Until the end of" type="date" value={until} onChange={setUntil} />
          <p>You answer nothing meanwhile. You can take it back at any time.</p>
        </>
      )}
    </Ask>
  );
}
