/** A key for an agent, new or known: made in this page, shown once, and taken up from the configuration, where it is agreed to. */
import type { Agent } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { agentsQuery, peopleQuery } from '../../../data/directory.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button } from '../../../kit/button.tsx';
import { Command } from '../../../kit/data/copy.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { type Choice, Select } from '../../../kit/form/select.tsx';
import { Section, Soft, Stack, View } from '../../../kit/layout.tsx';
import { Note } from '../../../kit/said.tsx';
import { isId, type MadeKey, makeKey, type NewAgent } from './key.ts';
import { Made } from './made.tsx';
import styles from './new-key.module.css';

const route = getRouteApi('/signed-in/agents/new-key');

const LASTS: readonly Choice<'90' | '365' | '0'>[] = [
  { id: '90', label: '90 days' },
  { id: '365', label: 'A year' },
  { id: '0', label: 'Until it is taken out' },
];

export function NewKeyView() {
  const me = useMe();
  const { agent } = route.useSearch();
  const { data: agents } = useSuspenseQuery(agentsQuery);
  const known = agents.find(({ id }) => id === agent);
  return (
    <View
      title={known === undefined ? 'New agent' : `New key for ${known.id}`}
      about={<Link to="/agents">All agents</Link>}
      width="reading"
    >
      {hasRole(me, 'operator') ? null : (
        <Note tone="plain">
          <p>
            Anybody may make a key; it is good for nothing until whoever operates the gateway has put its hash
            into the configuration. Send them the lines, and keep the key.
          </p>
        </Note>
      )}
      <Making key={agent ?? ''} known={known} />
    </View>
  );
}

function Making({ known }: { readonly known: Agent | undefined }) {
  const me = useMe();
  const [agent, setAgent] = useState<NewAgent>({
    id: known?.id ?? '',
    owner: known?.owner ?? me.id,
    team: known?.team ?? '',
  });
  const [days, setDays] = useState<'90' | '365' | '0'>('365');
  const [made, setMade] = useState<MadeKey>();
  if (made !== undefined) return <Made agent={agent} made={made} isNew={known === undefined} />;
  const problem = known === undefined ? problemOf(agent.id) : undefined;
  return (
    <Stack>
      <div className={styles['form']}>
        {known === undefined ? <Fields agent={agent} onChange={setAgent} problem={problem} /> : null}
        <Select label="The key is good for" choices={LASTS} value={days} onChange={setDays} />
      </div>
      <div>
        <Button
          kind="primary"
          isDisabled={agent.id === '' || problem !== undefined}
          onPress={() => setMade(makeKey(Number(days)))}
        >
          Make the key
        </Button>
      </div>
      <Soft>It is made in this browser and shown once. Only its hash goes into the configuration.</Soft>
      <Section title="Or without a key, or on a command line">
        <Stack>
          <Soft>
            Where the agent’s platform gives it tokens (GitHub Actions, Kubernetes, a cloud), it needs no key:
            see <code>docs/workload-identity.md</code>. The same key from a terminal:
          </Soft>
          <Command
            text={`countersign agents new-key ${agent.id === '' ? 'NAME' : agent.id} --days ${days}`}
          />
        </Stack>
      </Section>
    </Stack>
  );
}

const problemOf = (id: string): string | undefined =>
  id === '' || isId(id)
    ? undefined
    : 'a–z, 0–9, “_”, “.” and “-”, beginning with a letter or digit; 64 at most';

type FieldsProps = {
  readonly agent: NewAgent;
  readonly onChange: (agent: NewAgent) => void;
  readonly problem: string | undefined;
};

function Fields({ agent, onChange, problem }: FieldsProps) {
  const { data: people } = useSuspenseQuery(peopleQuery);
  const { data: agents } = useSuspenseQuery(agentsQuery);
  const taken = agents.some(({ id }) => id === agent.id);
  const error = taken ? 'There is an agent of this name; give it another key on its own page' : problem;
  return (
    <>
      <TextField
        label="Its name"
        value={agent.id}
        onChange={(id) => onChange({ ...agent, id })}
        mono
        autoFocus
        placeholder="release-bot"
        {...(error === undefined ? {} : { error })}
      />
      <Select
        label="Who answers for it"
        choices={people
          .filter(({ active }) => active)
          .map(({ id, name }) => ({ id, label: name, about: id }))}
        value={agent.owner}
        onChange={(owner) => onChange({ ...agent, owner })}
        hint="They never review what it asks."
      />
      <TextField
        label="Team"
        value={agent.team}
        onChange={(team) => onChange({ ...agent, team })}
        mono
        hint="For rules that speak of teams; may be empty."
      />
    </>
  );
}
