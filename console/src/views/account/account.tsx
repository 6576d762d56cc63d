/** One's own account: who one is here, the passkeys that sign one's answers, who sits in for one, where one is signed in. */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { cache, gate, wordsOf } from '../../data/gate.ts';
import { hasRole, useMe } from '../../data/me.ts';
import { Button } from '../../kit/button.tsx';
import { Facts, Section, View } from '../../kit/layout.tsx';
import { say } from '../../kit/over/toast.tsx';
import { Shown } from '../../kit/shown.tsx';
import { OwnPasskeys } from './passkeys/own.tsx';
import { Seats } from './seats/seats.tsx';
import { Sessions } from './sessions.tsx';

export function AccountView() {
  const me = useMe();
  return (
    <View title={<Shown text={me.name} />} about={ROLE_WORDS(me.roles)} actions={<SignOut />} width="reading">
      <Facts
        rows={[
          ['Known here as', <code key="id">{me.id}</code>],
          ['Roles', me.roles.join(', ') || 'none'],
          ['Groups', me.groups.length === 0 ? 'none' : <Shown key="groups" text={me.groups.join(', ')} />],
        ]}
      />
      <OwnPasskeys />
      {hasRole(me, 'reviewer') ? <Seats /> : null}
      <Section title="Where you are signed in" id="sessions">
        <Sessions person={undefined} />
      </Section>
    </View>
  );
}

const ROLES: { readonly [role: string]: string } = {
  reviewer: 'answer requests',
  operator: 'change what decides, together with another operator where two are needed',
  auditor: 'read everything',
};
const ROLE_WORDS = (roles: readonly string[]): string =>
  roles.length === 0
    ? 'You may look, and answer nothing: an operator gives roles.'
    : `You may ${roles.map((role) => ROLES[role] ?? role).join('; ')}.`;

function SignOut() {
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => gate.signOut(),
    onSuccess: async (result) => {
      // What was half written goes with whoever wrote it.
      sessionStorage.clear();
      if (result?.continue_at !== undefined) {
        location.assign(result.continue_at);
        return;
      }
      // Before the page asks for anything again, and is told that nobody is signed in.
      cache.clear();
      await navigate({ to: '/sign-in', search: { why: 'out' } });
    },
    onError: (error) => say({ text: wordsOf(error), tone: 'red' }),
  });
  return (
    <Button isPending={signOut.isPending} onPress={() => signOut.mutate()}>
      Sign out
    </Button>
  );
}
