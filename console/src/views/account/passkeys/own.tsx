/** Passkeys: one's own, and making a new one. A key counts for nothing until somebody else has confirmed whose it is. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { cache, wordsOf } from '../../../data/gate.ts';
import { useMe } from '../../../data/me.ts';
import { accountQueries } from '../../../data/own/account.ts';
import { canUsePasskeys, makePasskey } from '../../../data/own/passkeys.ts';
import { Button } from '../../../kit/button.tsx';
import { Items } from '../../../kit/data/items.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Ask } from '../../../kit/over/ask.tsx';
import { Note } from '../../../kit/said.tsx';
import { PasskeyItem } from './item.tsx';

const LOOK_MS = 2_000;

export function OwnPasskeys() {
  const me = useMe();
  const [adding, setAdding] = useState(false);
  // Confirmed by somebody else, elsewhere: seen here soon after.
  const { data } = useSuspenseQuery({
    ...accountQueries.passkeys,
    refetchInterval: ({ state }) =>
      state.data?.some(({ person, status }) => person === me.id && status === 'pending') === true
        ? LOOK_MS
        : false,
  });
  const own = data.filter(({ person }) => person === me.id);
  const confirmed = own.filter(({ status }) => status === 'active').length;
  // What asks for a passkey elsewhere learns it too.
  useEffect(() => {
    void confirmed;
    void cache.invalidateQueries({ queryKey: ['passkeys', 'of'] });
  }, [confirmed]);
  const standing = own.filter(({ status }) => status !== 'revoked');
  return (
    <Section
      title="Passkeys"
      id="passkeys"
      aside={
        <Button size="small" isDisabled={!canUsePasskeys()} onPress={() => setAdding(true)}>
          Add a passkey
        </Button>
      }
    >
      <Stack>
        {canUsePasskeys() ? null : (
          <Note tone="amber" title="No passkeys can be made on this page">
            <p>A browser makes them over HTTPS, or on localhost. Open the console by its own name.</p>
          </Note>
        )}
        {standing.length === 0 ? (
          <Soft>
            You have none. Some requests are answered only with one: it signs your answer, over exactly what
            you were shown.
          </Soft>
        ) : (
          <Items label="Your passkeys">
            {standing.map((key) => (
              <PasskeyItem key={key.id} passkey={key} />
            ))}
          </Items>
        )}
        <Revoked count={own.length - standing.length}>
          {own
            .filter(({ status }) => status === 'revoked')
            .map((key) => (
              <PasskeyItem key={key.id} passkey={key} />
            ))}
        </Revoked>
      </Stack>
      <Add isOpen={adding} onClose={() => setAdding(false)} />
    </Section>
  );
}

function Revoked({ count, children }: { readonly count: number; readonly children: React.ReactNode }) {
  if (count === 0) return null;
  return (
    <details>
      <summary>{count === 1 ? '1 revoked passkey' : `${count} revoked passkeys`}</summary>
      <Items label="Revoked passkeys">{children}</Items>
    </details>
  );
}

function Add({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [name, setName] = useState('This device');
  const add = useChange({
    run: () => makePasskey(name.trim() || 'A passkey'),
    stale: [['passkeys']],
    said: () => 'Made. Now have it confirmed.',
    onDone: onClose,
    shows_refusal: true,
  });
  return (
    <Ask
      title="Add a passkey"
      isOpen={isOpen}
      onClose={onClose}
      action="Make it"
      kind="primary"
      leave="Not now"
      isPending={add.isPending}
      onConfirm={() => add.mutate()}
      refusal={add.error === null ? undefined : wordsOfMaking(add.error)}
      refused="No passkey was made"
    >
      <p>
        Your browser asks for your PIN, fingerprint or face. The key never leaves your device; afterwards an
        operator confirms that it is yours.
      </p>
      <TextField label="Its name" value={name} onChange={setName} maxLength={60} autoFocus />
    </Ask>
  );
}

const wordsOfMaking = (error: unknown): string =>
  error instanceof DOMException && error.name === 'InvalidStateError'
    ? 'This device already has a passkey of yours here.'
    : error instanceof DOMException && error.name === 'NotAllowedError'
      ? 'It was cancelled, or took too long.'
      : wordsOf(error);
