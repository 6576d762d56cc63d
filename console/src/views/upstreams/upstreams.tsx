/** Every protected system, whether it answers, and what of its tools waits to be accepted. */
import type { Tool, Upstream } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { toolsQuery, upstreamsQuery } from '../../data/directory.ts';
import { type Column, Table } from '../../kit/data/table.tsx';
import { View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty, Note } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { counted } from '../../words/size.ts';
import { Health, TRANSPORTS, waits } from './words.tsx';

export function UpstreamsView() {
  const { data: upstreams } = useSuspenseQuery(upstreamsQuery);
  const { data: tools } = useSuspenseQuery(toolsQuery);
  const configured = new Set(upstreams.map(({ name }) => name));
  const waiting = tools.filter((tool) => waits(tool) && configured.has(tool.upstream));
  return (
    <View
      title="Upstreams"
      about="The systems agents act on. The gateway alone holds their credentials; a tool is offered to agents once its definition was accepted."
    >
      {waiting.length === 0 ? null : <Waiting tools={waiting} />}
      <Table
        label="Upstreams"
        columns={columnsOf(tools)}
        rows={upstreams}
        keyOf={({ name }) => name}
        empty={<NoUpstreams />}
      />
    </View>
  );
}

function Waiting({ tools }: { readonly tools: readonly Tool[] }) {
  const [first] = tools;
  if (first === undefined) return null;
  return (
    <Note
      tone="amber"
      title={`${counted(tools.length, 'tool')} ${tools.length === 1 ? 'waits' : 'wait'} to be accepted`}
      action={
        <Link to="/upstreams/$upstream/$tool" params={first}>
          Look at {tools.length === 1 ? 'it' : 'the first'}
        </Link>
      }
    >
      <p>Agents do not see them until an operator has read what they are.</p>
    </Note>
  );
}

const columnsOf = (tools: readonly Tool[]): readonly Column<Upstream>[] => [
  {
    id: 'name',
    head: 'Upstream',
    cell: ({ name }) => (
      <Link to="/upstreams/$upstream" params={{ upstream: name }}>
        <Shown text={name} />
      </Link>
    ),
  },
  { id: 'env', head: 'Environment', wideOnly: true, cell: ({ env }) => <Shown text={env} /> },
  {
    id: 'how',
    head: 'How',
    wideOnly: true,
    cell: ({ protocol, transport }) => `${protocol.toUpperCase()}, ${TRANSPORTS[transport]}`,
  },
  { id: 'health', head: 'Newest question', cell: (upstream) => <Health of={upstream} /> },
  {
    id: 'accepted',
    head: 'Accepted',
    align: 'end',
    width: '88px',
    wideOnly: true,
    cell: ({ tools: { accepted } }) => accepted,
  },
  {
    id: 'waiting',
    head: 'Not accepted',
    align: 'end',
    width: '112px',
    cell: ({ name }) => {
      const n = tools.filter((tool) => tool.upstream === name && waits(tool)).length;
      return n === 0 ? (
        '0'
      ) : (
        <Mark tone="amber" shape="half">
          {n}
        </Mark>
      );
    },
  },
];

const NoUpstreams = () => (
  <Empty title="No upstream is configured">
    Without one, agents have nothing to act on. <Link to="/start">Set one up</Link> in a minute.
  </Empty>
);
