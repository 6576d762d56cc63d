/** Every agent that may call: who answers for it, what it comes in with, when it last did, how much of its waits. */
import type { Agent } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentsQuery } from '../../data/directory.ts';
import { hasRole, useMe } from '../../data/me.ts';
import { linkButton } from '../../kit/button.tsx';
import { type Column, Table } from '../../kit/data/table.tsx';
import { Soft, View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';
import { ComesWith, lastUsed } from './words.tsx';

export function AgentsView() {
  const { data } = useSuspenseQuery(agentsQuery);
  const operator = hasRole(useMe(), 'operator');
  return (
    <View
      title="Agents"
      about="Programs that act through the gateway. Their owners answer for them, and never review them."
      actions={
        operator ? (
          <Link to="/agents/new-key" className={linkButton}>
            New agent
          </Link>
        ) : undefined
      }
    >
      <Table
        label="Agents"
        columns={COLUMNS}
        rows={data}
        keyOf={({ id }) => id}
        empty={
          <Empty title="No agent is configured">
            {operator ? (
              <>
                <Link to="/start">Set one up</Link>: a key, a few lines of configuration, one command.
              </>
            ) : (
              'Whoever operates the gateway sets one up.'
            )}
          </Empty>
        }
      />
    </View>
  );
}

const COLUMNS: readonly Column<Agent>[] = [
  {
    id: 'agent',
    head: 'Agent',
    cell: ({ id, paused }) => (
      <>
        <Link to="/agents/$agent" params={{ agent: id }}>
          <Shown text={id} />
        </Link>{' '}
        {paused === undefined ? null : (
          <Mark tone="red" shape="cross">
            Paused
          </Mark>
        )}
      </>
    ),
  },
  {
    id: 'owner',
    head: 'Owner',
    cell: ({ owner }) =>
      owner === null ? (
        <Mark tone="red" shape="cross">
          Nobody
        </Mark>
      ) : (
        <Link to="/people/$person" params={{ person: owner }}>
          <Shown text={owner} />
        </Link>
      ),
  },
  {
    id: 'team',
    head: 'Team',
    wideOnly: true,
    cell: ({ team }) => (team === null ? <Soft>none</Soft> : <Shown text={team} />),
  },
  { id: 'with', head: 'Comes in with', cell: (agent) => <ComesWith of={agent} /> },
  {
    id: 'used',
    head: 'Last came in',
    wideOnly: true,
    cell: (agent) => {
      const at = lastUsed(agent);
      return at === undefined ? <Soft>never</Soft> : <When at={at} />;
    },
  },
  {
    id: 'waiting',
    head: 'Waiting',
    align: 'end',
    cell: ({ pending_requests }) =>
      pending_requests === 0 ? (
        '0'
      ) : (
        <Mark tone="amber" shape="half">
          {pending_requests}
        </Mark>
      ),
  },
];
