/** The key, this once; the lines for the configuration; whether they are in force yet; how to connect the agent. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentsQuery } from '../../../data/directory.ts';
import { Command } from '../../../kit/data/copy.tsx';
import { Row, Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Note } from '../../../kit/said.tsx';
import { Connect } from '../../connecting/connect.tsx';
import { WaitingChange } from '../../operating/waiting-change.tsx';
import { agentLines, idOf, keyLine, type MadeKey, type NewAgent } from './key.ts';

const LOOK_MS = 2_000;

export type MadeProps = { readonly agent: NewAgent; readonly made: MadeKey; readonly isNew: boolean };

export function Made({ agent, made, isNew }: MadeProps) {
  return (
    <>
      <Note tone="amber" live="status" title="The key, shown this once">
        <p>
          Give it to the agent now, and to nobody else. It is in this page alone, and gone when you leave.
        </p>
      </Note>
      <Section title="1. The key">
        <Command text={made.key} what="key" />
      </Section>
      <Section title="2. Its lines in countersign.yaml">
        <Stack>
          <Soft>
            {isNew ? (
              <>
                Below <code>agents:</code>
              </>
            ) : (
              <>
                Below <code>agents</code> → <code>{agent.id}</code> → <code>keys</code>, beside the old one;
                take the old one out once the agent has moved
              </>
            )}
          </Soft>
          <Command text={isNew ? agentLines(agent, made) : keyLine(made)} what="lines" />
          <InForce agent={agent.id} made={made} />
        </Stack>
      </Section>
      <Section title="3. Connect the agent">
        <Connect secret={made.key} />
      </Section>
    </>
  );
}

/** Asks the gateway again and again: the file is somebody else's to save, and the change others' to agree to. */
function InForce({ agent, made }: Pick<MadeProps, 'made'> & { readonly agent: string }) {
  const { data } = useSuspenseQuery({ ...agentsQuery, refetchInterval: LOOK_MS });
  const known = data.find(({ id }) => id === agent)?.credentials.some(({ id }) => id === idOf(made)) ?? false;
  if (known)
    return (
      <Row>
        <Mark tone="green" shape="tick">
          In force
        </Mark>
        <span>
          The gateway takes this key.{' '}
          <Link to="/agents/$agent" params={{ agent }}>
            See the agent
          </Link>
        </span>
      </Row>
    );
  return (
    <>
      <WaitingChange about={{ action: 'countersign.config.change' }} />
      <Row>
        <Mark tone="soft" shape="ring">
          Not in force yet
        </Mark>
        <Soft>Save the file on the gateway’s host, and have the change agreed to. This page notices.</Soft>
      </Row>
    </>
  );
}
