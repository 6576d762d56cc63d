/** Groups as they stand today: who is in each, and which rules ask for them. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { peopleQuery } from '../../data/directory.ts';
import { policyQuery } from '../../data/policy.ts';
import { type Column, Table } from '../../kit/data/table.tsx';
import { Soft } from '../../kit/layout.tsx';
import { Empty } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import styles from './people.module.css';

type Group = {
  readonly name: string;
  readonly people: readonly { readonly id: string; readonly name: string; readonly active: boolean }[];
  /** Ids of rules that ask for somebody of it. */
  readonly rules: readonly string[];
};

export function Groups() {
  const { data: people } = useSuspenseQuery(peopleQuery);
  const { data: policy } = useSuspenseQuery(policyQuery);
  const names = new Set(people.flatMap(({ groups }) => groups));
  const rows: readonly Group[] = [...names].sort().map((name) => ({
    name,
    people: people.filter(({ groups }) => groups.includes(name)),
    rules: policy.rules.filter(({ asks }) => asks?.by.includes(`group:${name}`) === true).map(({ id }) => id),
  }));
  return (
    <Table
      label="Groups"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ name }) => name}
      empty={
        <Empty title="Nobody is in a group">
          Groups are named in <code>countersign.yaml</code>, or come from the provider; rules then ask for
          somebody of them.
        </Empty>
      }
    />
  );
}

const COLUMNS: readonly Column<Group>[] = [
  { id: 'name', head: 'Group', width: '20%', cell: ({ name }) => <Shown text={name} mono /> },
  {
    id: 'people',
    head: 'People',
    width: '36%',
    cell: ({ people }) => (
      <ul className={styles['people']}>
        {people.map(({ id, name, active }) => (
          <li key={id}>
            <Link to="/people/$person" params={{ person: id }}>
              <Shown text={name} />
            </Link>
            {active ? null : <Soft> (inactive)</Soft>}
          </li>
        ))}
      </ul>
    ),
  },
  {
    id: 'rules',
    head: 'Asked for by',
    cell: ({ rules }) =>
      rules.length === 0 ? <Soft>no rule in force</Soft> : <Shown text={rules.join(', ')} mono />,
  },
];
