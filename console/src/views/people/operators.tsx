/** How many operators a change of what decides takes, said plainly, and asking for the other number (I13). */
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { refusalOf, useChange } from '../../data/change.ts';
import { operatorsQuery, peopleQuery } from '../../data/directory.ts';
import { gate } from '../../data/gate.ts';
import { hasRole, useMe } from '../../data/me.ts';
import { Button } from '../../kit/button.tsx';
import { Soft, Stack } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Ask } from '../../kit/over/ask.tsx';
import { Shown } from '../../kit/shown.tsx';
import { Held, useWaitingChange, WaitingChange } from '../operating/waiting-change.tsx';

const ABOUT = { action: 'countersign.operators.rule' };

export function OperatorsRule() {
  const me = useMe();
  const { data } = useSuspenseQuery(operatorsQuery);
  const { data: people } = useSuspenseQuery(peopleQuery);
  const waiting = useWaitingChange(ABOUT);
  const [asking, setAsking] = useState(false);
  const other = data.needed === 2 ? 1 : 2;
  const need = useChange({
    run: () => gate.operators.need({ needed: other }),
    stale: [['operators'], ['requests'], ['policy']],
    said: (held) => (held === undefined ? 'It is so from now on.' : undefined),
    onDone: () => setAsking(false),
    shows_refusal: true,
  });
  const names = data.operators.map((id) => people.find((each) => each.id === id)?.name ?? id);
  return (
    <Stack>
      {need.data === undefined ? <WaitingChange about={ABOUT} /> : <Held change={need.data} />}
      <Mark tone={data.needed === 2 ? 'green' : 'amber'} shape={data.needed === 2 ? 'tick' : 'half'}>
        {data.needed === 2
          ? 'A change of what decides takes two operators'
          : 'A change of what decides takes one operator'}
      </Mark>
      <p>
        Because <Shown text={data.why} />.
      </p>
      <Soft>
        What decides: the policy, people, groups, agents, upstreams, accepted tools. Active operators now:{' '}
        <Shown text={names.join(', ') || 'nobody'} />.
      </Soft>
      {hasRole(me, 'operator') && waiting === undefined ? (
        <div>
          <Button onPress={() => setAsking(true)}>
            {other === 1 ? 'Ask that one be enough' : 'Ask that two be needed'}
          </Button>
        </div>
      ) : null}
      <Ask
        title={other === 1 ? 'Let one operator be enough?' : 'Need two operators?'}
        isOpen={asking}
        onClose={() => setAsking(false)}
        action={other === 1 ? 'Ask the other operator' : 'Need two'}
        kind={other === 1 ? 'danger' : 'primary'}
        isPending={need.isPending}
        onConfirm={() => need.mutate()}
        refusal={refusalOf(need)}
      >
        <p>
          {other === 1
            ? 'Then nobody else has to see a change of the policy, people, tools or upstreams. Another operator must agree first, and every change will say that no second person saw it.'
            : 'Every change of what decides then waits until another operator has agreed. This takes nobody’s leave.'}
        </p>
      </Ask>
    </Stack>
  );
}
