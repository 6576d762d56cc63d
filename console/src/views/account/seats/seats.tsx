/** Seats: who answers in one's place while one is away, and whose place one sits in. */
import type { Delegation } from '@countersign/sdk';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { peopleQuery } from '../../../data/directory.ts';
import { gate } from '../../../data/gate.ts';
import { useMe } from '../../../data/me.ts';
import { accountQueries } from '../../../data/own/account.ts';
import { Button } from '../../../kit/button.tsx';
import { Item, Items } from '../../../kit/data/items.tsx';
import { Section, Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly } from '../../../kit/time.tsx';
import type { Worded } from '../../../words/states.ts';
import { GiveSeat } from './give.tsx';

const WORDS: { readonly [S in Delegation['status']]: Worded } = {
  scheduled: { word: 'Not begun', tone: 'soft', shape: 'ring' },
  active: { word: 'Now', tone: 'blue', shape: 'dot' },
  ended: { word: 'Over', tone: 'soft', shape: 'dash' },
  revoked: { word: 'Taken back', tone: 'soft', shape: 'dash' },
};

export function Seats() {
  const me = useMe();
  const [giving, setGiving] = useState(false);
  const { data } = useSuspenseInfiniteQuery(accountQueries.delegations);
  const mine = data.pages
    .flatMap(({ items }) => items)
    .filter(({ from, to, status }) => (from === me.id || to === me.id) && standing(status));
  return (
    <Section
      title="While you are away"
      id="seats"
      aside={
        <Button size="small" onPress={() => setGiving(true)}>
          Give your seat
        </Button>
      }
    >
      {mine.length === 0 ? (
        <Soft>
          You answer for yourself, and sit in for nobody. Another reviewer can answer in your place for a
          time; never what they are responsible for themselves.
        </Soft>
      ) : (
        <Items label="Seats given">
          {mine.map((delegation) => (
            <Seat key={delegation.id} delegation={delegation} />
          ))}
        </Items>
      )}
      <GiveSeat isOpen={giving} onClose={() => setGiving(false)} />
    </Section>
  );
}

const standing = (status: Delegation['status']): boolean => status === 'scheduled' || status === 'active';

function Seat({ delegation }: { readonly delegation: Delegation }) {
  const me = useMe();
  const { data: people } = useSuspenseQuery(peopleQuery);
  const { id, from, to, starts_at, until, status } = delegation;
  const nameOf = (person: string): string => people.find((each) => each.id === person)?.name ?? person;
  const revoke = useChange({
    run: () => gate.delegations.revoke(id),
    stale: [['delegations']],
    said: () => (from === me.id ? 'You answer for yourself again.' : 'You sit in for them no longer.'),
  });
  const { word, tone, shape } = WORDS[status];
  return (
    <Item
      title={
        from === me.id ? (
          <>
            <Shown text={nameOf(to)} /> sits in for you
          </>
        ) : (
          <>
            You sit in for <Shown text={nameOf(from)} />
          </>
        )
      }
      mark={
        <Mark tone={tone} shape={shape}>
          {word}
        </Mark>
      }
      actions={
        <Button size="small" isPending={revoke.isPending} onPress={() => revoke.mutate()}>
          {from === me.id ? 'Take it back' : 'Give it back'}
        </Button>
      }
    >
      <Soft>
        From <Exactly at={starts_at} /> until <Exactly at={until} />.
      </Soft>
    </Item>
  );
}
