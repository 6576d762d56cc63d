/** One agent: who answers for it, what it may do, its keys and tokens, which rules decided its calls, and what it did lately. */
import type { Agent } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { agentsQuery } from '../../../data/directory.ts';
import { Facts, Stack, View } from '../../../kit/layout.tsx';
import { Empty, Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { WaitingChange } from '../../operating/waiting-change.tsx';
import { Calls } from './calls.tsx';
import { Credentials } from './credentials.tsx';
import { MayDo } from './may.tsx';
import { Pause, Paused } from './pausing.tsx';

const route = getRouteApi('/signed-in/agents/$agent');

export function AgentView() {
  const { agent: id } = route.useParams();
  const { data: agents } = useSuspenseQuery(agentsQuery);
  const agent = agents.find((each) => each.id === id);
  if (agent === undefined)
    return (
      <View title={<Shown text={id} />} width="reading">
        <Empty title="No agent is known under this id">
          It may have been taken out of the configuration. <Link to="/agents">All agents</Link>
        </Empty>
      </View>
    );
  return (
    <View
      title={<Shown text={id} />}
      about={<Link to="/agents">All agents</Link>}
      actions={<Pause agent={agent} />}
    >
      <Stack>
        <Paused agent={agent} />
        {agent.owner === null ? (
          <Note tone="amber" title="Nobody answers for it">
            <p>
              It gets only what policy allows outright; whatever asks for a review is refused. Give it an{' '}
              <code>owner</code> in the configuration.
            </p>
          </Note>
        ) : null}
        <WaitingChange about={{ action: 'countersign.config.change' }} />
        <About agent={agent} />
      </Stack>
      <MayDo agent={id} />
      <Credentials agent={agent} />
      <Calls agent={id} />
    </View>
  );
}

function About({ agent }: { readonly agent: Agent }) {
  return (
    <Facts
      rows={[
        [
          'Owner',
          agent.owner === null ? (
            'nobody'
          ) : (
            <Link key="owner" to="/people/$person" params={{ person: agent.owner }}>
              <Shown text={agent.owner} />
            </Link>
          ),
        ],
        ['Team', agent.team === null ? 'none' : <Shown key="team" text={agent.team} />],
        ['Waiting for people', String(agent.pending_requests)],
      ]}
    />
  );
}
