/** Under which accounts somebody is known, and linking or unlinking one: a change others agree to (I13). */
import type { Account, HeldChange, Reviewer } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { refusalOf, useChange } from '../../../data/change.ts';
import { accountsOfQuery } from '../../../data/directory.ts';
import { gate } from '../../../data/gate.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button } from '../../../kit/button.tsx';
import { type Column, Table } from '../../../kit/data/table.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Ask } from '../../../kit/over/ask.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { Held } from '../../operating/waiting-change.tsx';

const SOURCES: { readonly [S in Account['source']]: string } = {
  configuration: 'countersign.yaml',
  link: 'linked',
  oidc: 'their provider, at sign-in',
  scim: 'their provider, over SCIM',
};
const stale = [['accounts'], ['people'], ['requests']];

export function Accounts({ person }: { readonly person: Reviewer }) {
  const me = useMe();
  const { data } = useSuspenseQuery(accountsOfQuery(person.id));
  const [linking, setLinking] = useState(false);
  const [unlinking, setUnlinking] = useState<string>();
  const [held, setHeld] = useState<HeldChange>();
  const mayChange = hasRole(me, 'operator') || me.id === person.id;
  return (
    <Section
      title="Accounts"
      id="accounts"
      aside={
        mayChange ? (
          <Button size="small" onPress={() => setLinking(true)}>
            Link an account
          </Button>
        ) : undefined
      }
    >
      <Stack>
        {held === undefined ? null : <Held change={held} />}
        <Table
          label="Accounts"
          columns={columnsOf(mayChange ? setUnlinking : undefined)}
          rows={data}
          keyOf={({ account }) => account}
          empty={<Soft>None: they sign in by one-time links alone.</Soft>}
        />
      </Stack>
      <LinkAccount person={person} isOpen={linking} onClose={() => setLinking(false)} onHeld={setHeld} />
      <Unlink
        person={person}
        account={unlinking ?? ''}
        isOpen={unlinking !== undefined}
        onClose={() => setUnlinking(undefined)}
        onHeld={setHeld}
      />
    </Section>
  );
}

const columnsOf = (unlink: ((account: string) => void) | undefined): readonly Column<Account>[] => [
  { id: 'account', head: 'Account', cell: ({ account }) => <Shown text={account} mono /> },
  {
    id: 'from',
    head: 'From',
    cell: ({ source, linked_at, linked_by }) => (
      <>
        {SOURCES[source]}
        {linked_by === undefined ? null : (
          <>
            {' '}
            by <Shown text={linked_by} />
          </>
        )}
        {linked_at === undefined ? null : (
          <>
            , <When at={linked_at} />
          </>
        )}
      </>
    ),
  },
  ...(unlink === undefined
    ? []
    : [
        {
          id: 'unlink',
          head: <span className="sr-only">Unlink</span>,
          align: 'end' as const,
          cell: ({ account, source }: Account) =>
            source === 'link' ? (
              <Button size="small" onPress={() => unlink(account)}>
                Unlink
              </Button>
            ) : null,
        },
      ]),
];

type ChangeProps = {
  readonly person: Reviewer;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onHeld: (held: HeldChange | undefined) => void;
};

function LinkAccount({ person, isOpen, onClose, onHeld }: ChangeProps) {
  const [account, setAccount] = useState('');
  const link = useChange({
    run: () => gate.accounts.link(person.id, { account: account.trim() }),
    stale,
    said: (held) => (held === undefined ? 'Linked.' : undefined),
    onDone: (held) => {
      onHeld(held);
      onClose();
    },
    shows_refusal: true,
  });
  return (
    <Ask
      title="Link an account"
      isOpen={isOpen}
      onClose={onClose}
      action="Link it"
      kind="primary"
      isPending={link.isPending}
      isDisabled={account.trim() === ''}
      onConfirm={() => link.mutate()}
      refusal={refusalOf(link)}
    >
      <TextField
        label="The account"
        value={account}
        onChange={setAccount}
        mono
        autoFocus
        placeholder="slack:U024BE7LH"
        hint="Such as oidc:<issuer>#<subject>, email:ann@example.com, slack:U024BE7LH"
      />
      <p>
        Whoever comes in with it is <Shown text={person.name} /> from then on, and answers in their name. Be
        sure that it is theirs.
      </p>
    </Ask>
  );
}

function Unlink({ person, account, isOpen, onClose, onHeld }: ChangeProps & { readonly account: string }) {
  const unlink = useChange({
    run: () => gate.accounts.unlink(person.id, { account }),
    stale,
    said: (held) => (held === undefined ? 'Unlinked.' : undefined),
    onDone: (held) => {
      onHeld(held);
      onClose();
    },
    shows_refusal: true,
  });
  return (
    <Ask
      title="Unlink the account?"
      isOpen={isOpen}
      onClose={onClose}
      action="Unlink it"
      isPending={unlink.isPending}
      onConfirm={() => unlink.mutate()}
      refusal={refusalOf(unlink)}
    >
      <p>
        <Shown text={account} mono /> is <Shown text={person.name} /> no longer; sessions that came in by it
        end. For whatever was asked until now the two stay one: it frees nobody to review it.
      </p>
    </Ask>
  );
}
