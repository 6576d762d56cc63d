/** What an agent comes in with: keys with their age, tokens with their issuer; making a key, and taking one away. */
import type { Agent, AgentCredential } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button, linkButton } from '../../../kit/button.tsx';
import { type Column, Table } from '../../../kit/data/table.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Dialog } from '../../../kit/over/dialog.tsx';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { dayOf } from '../../../words/time.ts';
import { CredentialMark } from '../words.tsx';

export function Credentials({ agent }: { readonly agent: Agent }) {
  const me = useMe();
  const [ending, setEnding] = useState<AgentCredential>();
  const operator = hasRole(me, 'operator');
  const oldest = agent.credentials.find((each) => each.oldest);
  return (
    <Section
      title="Keys and tokens"
      aside={
        operator ? (
          <Link to="/agents/new-key" search={{ agent: agent.id }} className={linkButton}>
            New key
          </Link>
        ) : undefined
      }
    >
      <Stack>
        {oldest === undefined && agent.credentials.some(({ state }) => state === 'expiring') ? (
          <Note tone="amber" title="A key expires soon">
            <p>
              Make a new one and move the agent over before: both are good meanwhile. Afterwards it is
              refused.
            </p>
          </Note>
        ) : null}
        {oldest === undefined ? null : (
          <Note tone="plain" title="A rotation is under way">
            <p>
              It has several good keys. Move it away from the oldest,{' '}
              <code>{oldest.prefix ?? oldest.id}</code>, then take that one out.
            </p>
          </Note>
        )}
        <Table
          label="Keys and tokens"
          columns={columnsOf(operator ? setEnding : undefined)}
          rows={agent.credentials}
          keyOf={({ kind, id }) => `${kind} ${id}`}
          empty={<Soft>None: it cannot come in. Give it a key, or take its platform’s tokens.</Soft>}
        />
      </Stack>
      <TakeOut agent={agent} credential={ending} onClose={() => setEnding(undefined)} />
    </Section>
  );
}

const columnsOf = (
  end: ((credential: AgentCredential) => void) | undefined,
): readonly Column<AgentCredential>[] => [
  {
    id: 'key',
    head: 'Key or issuer',
    cell: ({ kind, id, prefix }) =>
      kind === 'token' ? (
        <>
          tokens of <Shown text={id} mono />
        </>
      ) : (
        <code title={`sha256:${id}…`}>{prefix === undefined ? `sha256:${id}…` : `${prefix}…`}</code>
      ),
  },
  { id: 'state', head: 'State', cell: (credential) => <CredentialMark of={credential} /> },
  {
    id: 'made',
    head: 'Made',
    wideOnly: true,
    cell: ({ created_at }) => (created_at === undefined ? <Soft>not said</Soft> : dayOf(created_at)),
  },
  {
    id: 'expires',
    head: 'Expires',
    cell: ({ expires_at, kind }) =>
      expires_at === undefined ? (
        <Soft>{kind === 'key' ? 'never' : 'by itself'}</Soft>
      ) : (
        <When at={expires_at} />
      ),
  },
  {
    id: 'used',
    head: 'Last used',
    wideOnly: true,
    cell: ({ last_used_at }) =>
      last_used_at === undefined ? <Soft>never</Soft> : <When at={last_used_at} />,
  },
  ...(end === undefined
    ? []
    : [
        {
          id: 'end',
          head: <span className="sr-only">Take out</span>,
          align: 'end' as const,
          cell: (credential: AgentCredential) =>
            credential.kind === 'key' ? (
              <Button size="small" onPress={() => end(credential)}>
                Take out
              </Button>
            ) : null,
        },
      ]),
];

type TakeOutProps = {
  readonly agent: Agent;
  readonly credential: AgentCredential | undefined;
  readonly onClose: () => void;
};

/** Keys stand in the configuration, so that who may call has a history and is reviewed: there it is taken out. */
function TakeOut({ agent, credential, onClose }: TakeOutProps) {
  return (
    <Dialog title="Take a key out" isOpen={credential !== undefined} onClose={onClose}>
      <p>
        In <code>countersign.yaml</code>, under <code>agents</code> → <code>{agent.id}</code> →{' '}
        <code>keys</code>, remove the line whose hash begins:
      </p>
      <p>
        <code>sha256:{credential?.id}</code>
      </p>
      <p>
        Save the file. The key is refused from the moment the change is in force; where two operators are
        needed, once they have agreed. If it is lost or stolen, tell the other operator to answer at once.
      </p>
    </Dialog>
  );
}
