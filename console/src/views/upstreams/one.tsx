/** One upstream: whether it answers, how agents are pointed at it, and its tools with what was accepted of each. */
import type { Tool } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { toolsQuery, upstreamsQuery } from '../../data/directory.ts';
import { Command } from '../../kit/data/copy.tsx';
import { type Column, Table } from '../../kit/data/table.tsx';
import { Facts, Section, Soft, Stack, View } from '../../kit/layout.tsx';
import { Empty, Note } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { Exactly, When } from '../../kit/time.tsx';
import { counted, shortDigest } from '../../words/size.ts';
import { WaitingChange } from '../operating/waiting-change.tsx';
import { Health, ToolMark, TRANSPORTS, waits } from './words.tsx';

const route = getRouteApi('/signed-in/upstreams/$upstream');

export function UpstreamView() {
  const { upstream: name } = route.useParams();
  const { data: upstreams } = useSuspenseQuery(upstreamsQuery);
  const upstream = upstreams.find((each) => each.name === name);
  if (upstream === undefined)
    return (
      <View title={<Shown text={name} />} width="reading">
        <Empty title="No upstream is configured under this name">
          It may have been taken out. <Link to="/upstreams">All upstreams</Link>
        </Empty>
      </View>
    );
  const { health } = upstream;
  return (
    <View title={<Shown text={name} />} about={<Link to="/upstreams">All upstreams</Link>}>
      <Stack>
        {health.state === 'failing' ? (
          <Note tone="red" title="It did not answer the newest question">
            <p>
              {health.failed_at === undefined ? null : (
                <>
                  <Exactly at={health.failed_at} />:{' '}
                </>
              )}
              <Shown text={health.why ?? 'why is in the gateway’s log'} />. Calls to it fail until it answers
              again.
            </p>
          </Note>
        ) : null}
        <WaitingChange about={{ action: 'countersign.config.change' }} />
        <Facts
          rows={[
            ['Environment', <Shown key="env" text={upstream.env} />],
            ['Reached', `${upstream.protocol.toUpperCase()}, ${TRANSPORTS[upstream.transport]}`],
            ['Newest question', <Health key="health" of={upstream} />],
            [
              'Answered last',
              health.answered_at === undefined ? (
                'never since the gateway started'
              ) : (
                <Exactly key="at" at={health.answered_at} />
              ),
            ],
          ]}
        />
      </Stack>
      <Tools upstream={name} />
      <Section title="For agents">
        <Stack>
          <Soft>
            Agents reach it here, with a key of their own or a token. They never see its credential.
          </Soft>
          <Command text={`${location.origin}/mcp/${name}`} what="address" />
          <Soft>
            It is configured in <code>countersign.yaml</code>, under <code>upstreams</code>; agreed changes of
            it wait for a restart. <Link to="/start">How to connect an agent</Link>
          </Soft>
        </Stack>
      </Section>
    </View>
  );
}

function Tools({ upstream }: { readonly upstream: string }) {
  const { data } = useSuspenseQuery(toolsQuery);
  const tools = data.filter((tool) => tool.upstream === upstream);
  const waiting = tools.filter(waits).length;
  return (
    <Section
      title="Tools"
      aside={
        waiting === 0
          ? counted(tools.length, 'tool')
          : `${counted(tools.length, 'tool')}, ${waiting} not accepted`
      }
    >
      <Table
        label="Tools"
        columns={COLUMNS}
        rows={tools.toSorted((a, b) => Number(waits(b)) - Number(waits(a)))}
        keyOf={({ tool }) => tool}
        empty={
          <Empty title="It has not told its tools yet">
            The gateway asks when the first agent connects; then they wait here to be accepted.
          </Empty>
        }
      />
    </Section>
  );
}

const COLUMNS: readonly Column<Tool>[] = [
  {
    id: 'tool',
    head: 'Tool',
    cell: ({ upstream, tool }) => (
      <Link to="/upstreams/$upstream/$tool" params={{ upstream, tool }}>
        <Shown text={tool} mono />
      </Link>
    ),
  },
  { id: 'status', head: 'Definition', cell: ({ status }) => <ToolMark status={status} /> },
  { id: 'class', head: 'What it does', cell: ({ class: kind }) => kind },
  {
    id: 'by',
    head: 'Accepted by',
    wideOnly: true,
    cell: ({ accepted_by, accepted_at }) =>
      accepted_by === undefined ? (
        <Soft>nobody</Soft>
      ) : (
        <>
          <Shown text={accepted_by} />
          {accepted_at === undefined ? null : (
            <>
              , <When at={accepted_at} />
            </>
          )}
        </>
      ),
  },
  { id: 'pin', head: 'Pin', wideOnly: true, cell: ({ pin }) => <code title={pin}>{shortDigest(pin)}</code> },
  { id: 'seen', head: 'Seen', wideOnly: true, cell: ({ seen_at }) => <When at={seen_at} /> },
];
