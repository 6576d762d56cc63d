/** One person: what they may review and why, their passkeys, accounts and sessions, and what an operator may do about them. */
import type { Reviewer } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { peopleQuery } from '../../../data/directory.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { accountQueries } from '../../../data/own/account.ts';
import { Items } from '../../../kit/data/items.tsx';
import { Facts, Section, Soft, Stack, View } from '../../../kit/layout.tsx';
import { Empty } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { PasskeyItem } from '../../account/passkeys/item.tsx';
import { Sessions } from '../../account/sessions.tsx';
import { WaitingChange } from '../../operating/waiting-change.tsx';
import { PersonMark, SOURCES } from '../words.tsx';
import { Accounts } from './accounts.tsx';
import { MayReview } from './may-review.tsx';
import { Standing } from './standing.tsx';

const route = getRouteApi('/signed-in/people/$person');

export function PersonView() {
  const { person: id } = route.useParams();
  const { data: people } = useSuspenseQuery(peopleQuery);
  const person = people.find((each) => each.id === id);
  if (person === undefined)
    return (
      <View title={<Shown text={id} />} width="reading">
        <Empty title="Nobody is known here under this id">
          <Link to="/people">Everybody</Link>
        </Empty>
      </View>
    );
  return <Known person={person} />;
}

function Known({ person }: { readonly person: Reviewer }) {
  const me = useMe();
  const [operator, own] = [hasRole(me, 'operator'), me.id === person.id];
  return (
    <View
      title={<Shown text={person.name} />}
      about={<Link to="/people">Everybody</Link>}
      actions={operator ? <Standing person={person} /> : undefined}
      width="reading"
    >
      <Stack>
        {(['activate', 'link', 'unlink'] as const).map((what) => (
          <WaitingChange key={what} about={{ action: `countersign.people.${what}`, resource: person.id }} />
        ))}
        <Facts
          rows={[
            ['Known here as', <Shown key="id" text={person.id} mono />],
            ['Standing', <PersonMark key="active" of={person} />],
            ['Roles', person.roles.join(', ') || 'none'],
            ['Groups', <Shown key="groups" text={person.groups.join(', ') || 'none'} />],
            ['From', SOURCES[person.source]],
          ]}
        />
      </Stack>
      <MayReview person={person} />
      {operator || own || hasRole(me, 'auditor') ? (
        <>
          <Passkeys person={person} />
          <Accounts person={person} />
        </>
      ) : null}
      {operator || own ? (
        <Section title="Signed in" id="sessions">
          <Sessions person={own ? undefined : person.id} />
        </Section>
      ) : null}
    </View>
  );
}

function Passkeys({ person }: { readonly person: Reviewer }) {
  const { data } = useSuspenseQuery(accountQueries.passkeys);
  const keys = data.filter((key) => key.person === person.id && key.status !== 'revoked');
  return (
    <Section title="Passkeys" id="passkeys">
      {keys.length === 0 ? (
        <Soft>None: they cannot answer what asks for one.</Soft>
      ) : (
        <Items label="Passkeys">
          {keys.map((key) => (
            <PasskeyItem key={key.id} passkey={key} />
          ))}
        </Items>
      )}
    </Section>
  );
}
