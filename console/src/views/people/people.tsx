/** Everybody who may sign in, and their groups; how many operators a change of what decides takes. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { peopleQuery } from '../../data/directory.ts';
import { hasRole, useMe } from '../../data/me.ts';
import { accountQueries } from '../../data/own/account.ts';
import { type Column, Table } from '../../kit/data/table.tsx';
import { Section, Soft, View } from '../../kit/layout.tsx';
import { Shown } from '../../kit/shown.tsx';
import { TabLinks, tabLink } from '../../kit/tabs.tsx';
import { Groups } from './groups.tsx';
import { OperatorsRule } from './operators.tsx';
import { PasskeysMark, PersonMark, SOURCES } from './words.tsx';

const route = getRouteApi('/signed-in/people');

export function PeopleView() {
  const { by } = route.useSearch();
  return (
    <View
      title="People"
      about="Who may sign in, and what as. No role lets anybody review what they are responsible for."
    >
      <TabLinks label="People or groups">
        <Link to="/people" className={tabLink} activeOptions={{ exact: true }}>
          Everybody
        </Link>
        <Link to="/people" search={{ by: 'groups' }} className={tabLink} activeOptions={{ exact: true }}>
          Groups
        </Link>
      </TabLinks>
      {by === 'groups' ? <Groups /> : <Everybody />}
      <Section title="Operators" id="operators">
        <OperatorsRule />
      </Section>
      <Section title="Adding somebody">
        <Soft>
          People, roles and groups stand in <code>countersign.yaml</code>, or come from your identity provider
          (OpenID Connect, SCIM). A saved file is taken up while the gateway runs, once it was agreed to. See{' '}
          <code>docs/identity.md</code>.
        </Soft>
      </Section>
    </View>
  );
}

function Everybody() {
  const me = useMe();
  const { data: people } = useSuspenseQuery(peopleQuery);
  const { data: passkeys } = useSuspenseQuery(accountQueries.passkeys);
  const all = hasRole(me, 'operator') || hasRole(me, 'auditor');
  const columns: readonly Column<(typeof people)[number]>[] = [
    {
      id: 'name',
      head: 'Person',
      cell: ({ id, name }) => (
        <>
          <Link to="/people/$person" params={{ person: id }}>
            <Shown text={name} />
          </Link>{' '}
          {id === me.id ? <Soft>you</Soft> : null}
        </>
      ),
    },
    { id: 'id', head: 'Known as', cell: ({ id }) => <Shown text={id} mono /> },
    { id: 'roles', head: 'Roles', cell: ({ roles }) => roles.join(', ') || <Soft>none</Soft> },
    {
      id: 'groups',
      head: 'Groups',
      wideOnly: true,
      cell: ({ groups }) => (groups.length === 0 ? <Soft>none</Soft> : <Shown text={groups.join(', ')} />),
    },
    ...(all
      ? [
          {
            id: 'passkeys',
            head: 'Passkeys',
            wideOnly: true,
            cell: ({ id }: (typeof people)[number]) => (
              <PasskeysMark of={passkeys.filter(({ person }) => person === id)} />
            ),
          },
        ]
      : []),
    { id: 'from', head: 'From', wideOnly: true, cell: ({ source }) => <Soft>{SOURCES[source]}</Soft> },
    { id: 'active', head: 'Standing', cell: (person) => <PersonMark of={person} /> },
  ];
  return <Table label="People" columns={columns} rows={people} keyOf={({ id }) => id} />;
}
