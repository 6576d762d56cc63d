/** What somebody may review, and what never: the rules that ask for them, and what they answer for themselves (I4). */
import type { PolicyRule, Reviewer } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentsQuery } from '../../../data/directory.ts';
import { policyQuery } from '../../../data/policy.ts';
import { type Column, Table } from '../../../kit/data/table.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { type Asked, askedAs } from './asked.ts';

export function MayReview({ person }: { readonly person: Reviewer }) {
  const { data: policy } = useSuspenseQuery(policyQuery);
  const { data: agents } = useSuspenseQuery(agentsQuery);
  const owned = agents.filter(({ owner }) => owner === person.id);
  const rows = policy.rules.flatMap((rule) => {
    const asked = askedAs(person, rule);
    return asked === undefined ? [] : [{ rule, asked }];
  });
  return (
    <Section title="What they may review">
      <Stack>
        {whyNothing(person)}
        <Table
          label="Rules that ask for them"
          columns={COLUMNS}
          rows={rows}
          keyOf={({ rule: { id } }) => id}
          empty={<Soft>No rule in force asks for them.</Soft>}
        />
        <Soft>
          Never: what was asked in their name
          {owned.map(({ id }) => (
            <span key={id}>
              , what{' '}
              <Link to="/agents/$agent" params={{ agent: id }}>
                <Shown text={id} />
              </Link>{' '}
              asks, which they own
            </span>
          ))}
          , and what waits under rules they changed meanwhile. Whether they may answer one request, that
          request says.
        </Soft>
      </Stack>
    </Section>
  );
}

function whyNothing({ active, roles }: Reviewer) {
  const why = !active
    ? 'They are inactive: they cannot sign in, and nothing they answered counts.'
    : roles.includes('reviewer')
      ? undefined
      : roles.includes('operator')
        ? 'They are no reviewer: they answer changes of what decides, as an operator, and nothing agents ask.'
        : 'They are no reviewer: they answer nothing.';
  return why === undefined ? null : (
    <Note tone="amber">
      <p>{why}</p>
    </Note>
  );
}

type Row = { readonly rule: PolicyRule; readonly asked: Asked };

const COLUMNS: readonly Column<Row>[] = [
  { id: 'rule', head: 'Rule', width: '28%', cell: ({ rule: { id } }) => <Shown text={id} mono /> },
  { id: 'about', head: 'What it is about', cell: ({ rule: { about } }) => <Shown text={about} /> },
  {
    id: 'as',
    head: 'They are asked',
    width: '26%',
    cell: ({ asked }) =>
      asked.kind === 'excluded' ? (
        <>
          never: excluded as <Shown text={asked.by} mono />
        </>
      ) : asked.by === 'anyone' ? (
        'as any reviewer'
      ) : (
        <>
          as <Shown text={asked.by} mono />
        </>
      ),
  },
];
