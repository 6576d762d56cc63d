/** Where somebody is signed in, and ending it: one's own, or for operators another person's. */
import type { Session } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useChange } from '../../data/change.ts';
import { gate } from '../../data/gate.ts';
import { accountQueries } from '../../data/own/account.ts';
import { Button } from '../../kit/button.tsx';
import { type Column, Table } from '../../kit/data/table.tsx';
import { Soft } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Shown } from '../../kit/shown.tsx';
import { Left, When } from '../../kit/time.tsx';

const KINDS = { browser: 'Browser', cli: 'Command line' } as const;

export function Sessions({ person }: { readonly person: string | undefined }) {
  const { data } = useSuspenseQuery(accountQueries.sessions(person));
  const end = useChange({
    run: (id: string) => gate.sessions.end(id),
    stale: [['sessions']],
    said: () => 'That session is over.',
  });
  const columns: readonly Column<Session>[] = [
    {
      id: 'kind',
      head: 'With',
      cell: ({ kind, provider }) => (
        <>
          {KINDS[kind]},{' '}
          {provider === undefined ? (
            'one-time link'
          ) : (
            <>
              through <Shown text={provider} />
            </>
          )}
        </>
      ),
    },
    { id: 'since', head: 'Since', cell: ({ created_at }) => <When at={created_at} /> },
    { id: 'seen', head: 'Last used', cell: ({ last_seen_at }) => <When at={last_seen_at} /> },
    { id: 'left', head: 'Ends in', wideOnly: true, cell: ({ expires_at }) => <Left until={expires_at} /> },
    {
      id: 'end',
      head: <span className="sr-only">End it</span>,
      align: 'end',
      cell: ({ id, current }) =>
        current ? (
          <Mark tone="blue" shape="dot">
            This one
          </Mark>
        ) : (
          <Button
            size="small"
            isPending={end.isPending && end.variables === id}
            onPress={() => end.mutate(id)}
          >
            End
          </Button>
        ),
    },
  ];
  return (
    <Table
      label="Sessions"
      columns={columns}
      rows={data}
      keyOf={({ id }) => id}
      empty={<Soft>Signed in nowhere.</Soft>}
    />
  );
}
