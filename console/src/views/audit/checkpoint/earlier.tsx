/** Checkpoints signed before the newest: each is checked against it here, so that a row says what holds, not what is claimed. */
import type { LoggedCheckpoint } from '@countersign/sdk';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { checkpointsQuery } from '../../../data/log/entries.ts';
import { continuesQuery, type LogState } from '../../../data/log/state.ts';
import { Button } from '../../../kit/button.tsx';
import { Table } from '../../../kit/data/table.tsx';
import { Row, Section, Stack } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { When } from '../../../kit/time.tsx';
import { count } from '../../../words/size.ts';

export function Earlier({ state }: { readonly state: LogState }) {
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(checkpointsQuery);
  const rows = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Signed so far" aside="When is the gateway’s word; the rest is checked here">
      <Stack>
        <Table<LoggedCheckpoint>
          label="Checkpoints, newest first"
          rows={rows}
          keyOf={({ size }) => String(size)}
          columns={[
            { id: 'size', head: 'Entries', width: '120px', cell: ({ size }) => count(size) },
            { id: 'when', head: 'Signed', cell: ({ signed_at }) => <When at={signed_at} /> },
            { id: 'root', head: 'Root', wideOnly: true, cell: ({ note }) => <code>{rootIn(note)}</code> },
            {
              id: 'holds',
              head: 'In the newest',
              cell: ({ note }) => <Holds note={note} state={state} />,
            },
          ]}
          empty={<p>None yet.</p>}
        />
        {hasNextPage ? (
          <Row>
            <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
              Earlier ones
            </Button>
          </Row>
        ) : null}
      </Stack>
    </Section>
  );
}

/** The third line of a checkpoint. */
const rootIn = (note: string): string => (note.split('\n')[2] ?? '').slice(0, 12);

function Holds({ note, state }: { readonly note: string; readonly state: LogState }) {
  const { data } = useQuery(continuesQuery(note, state));
  if (data === undefined) return null;
  return data.kind === 'continues' ? (
    <Mark tone="green" shape="tick">
      Signed, and still its beginning
    </Mark>
  ) : (
    <Mark tone="red" shape="cross">
      {data.kind === 'untold' ? 'Does not hold' : 'Not its beginning'}
    </Mark>
  );
}
