/** What an operator may do about somebody: sign them out, make them inactive or active again, write them a link. */
import type { Reviewer, SignInLink } from '@countersign/sdk';
import { useState } from 'react';
import { refusalOf, useChange } from '../../../data/change.ts';
import { gate } from '../../../data/gate.ts';
import { Id } from '../../../kit/data/copy.tsx';
import { Ask } from '../../../kit/over/ask.tsx';
import { Dialog } from '../../../kit/over/dialog.tsx';
import { Menu } from '../../../kit/over/menu.tsx';
import { say } from '../../../kit/over/toast.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Left } from '../../../kit/time.tsx';

type Props = { readonly person: Reviewer };

export function Standing({ person }: Props) {
  const [asking, setAsking] = useState<'sign-out' | 'active'>();
  const [link, setLink] = useState<SignInLink>();
  const close = (): void => setAsking(undefined);
  const write = useChange({
    run: () => gate.writeSignInLink(person.id),
    stale: [],
    onDone: setLink,
  });
  return (
    <>
      <Menu
        label="Change"
        choices={[
          {
            id: 'link',
            label: 'Write a sign-in link',
            isDisabled: !person.active,
            onAction: () => write.mutate(),
          },
          { id: 'out', label: 'Sign them out everywhere', onAction: () => setAsking('sign-out') },
          {
            id: 'active',
            label: person.active ? 'Make them inactive' : 'Make them active again',
            onAction: () => setAsking('active'),
          },
        ]}
      />
      <SignOut person={person} isOpen={asking === 'sign-out'} onClose={close} />
      <SetActive person={person} isOpen={asking === 'active'} onClose={close} />
      <Dialog title="Their sign-in link" isOpen={link !== undefined} onClose={() => setLink(undefined)}>
        <p>It stands in a file on the gateway’s host, which only its user can read:</p>
        <p>
          <Id text={link?.path ?? ''} />
        </p>
        <p>
          Hand it to <Shown text={person.name} /> yourself. It works once;{' '}
          {link === undefined ? null : <Left until={link.expires_at} over="no time" />} left. The link never
          crosses the network.
        </p>
      </Dialog>
    </>
  );
}

type AskingProps = Props & { readonly isOpen: boolean; readonly onClose: () => void };

function SignOut({ person, isOpen, onClose }: AskingProps) {
  const signOut = useChange({
    run: () => gate.reviewers.signOut(person.id),
    stale: [['sessions']],
    said: ({ ended }) => (ended === 1 ? '1 session ended.' : `${ended} sessions ended.`),
    onDone: onClose,
    shows_refusal: true,
  });
  return (
    <Ask
      title="Sign them out everywhere?"
      isOpen={isOpen}
      onClose={onClose}
      action="Sign them out"
      isPending={signOut.isPending}
      onConfirm={() => signOut.mutate()}
      refusal={refusalOf(signOut)}
    >
      <p>
        Every session of <Shown text={person.name} /> ends at once, in browsers and on command lines. They may
        sign in again.
      </p>
    </Ask>
  );
}

function SetActive({ person, isOpen, onClose }: AskingProps) {
  const set = useChange({
    run: () => gate.reviewers.setActive(person.id, !person.active),
    stale: [['people'], ['sessions'], ['requests'], ['operators']],
    onDone: (held) => {
      say({ text: held === undefined ? 'Done.' : 'Another operator must agree; the request is open.' });
      onClose();
    },
    shows_refusal: true,
  });
  return (
    <Ask
      title={person.active ? 'Make them inactive?' : 'Make them active again?'}
      isOpen={isOpen}
      onClose={onClose}
      action={person.active ? 'Make them inactive' : 'Make them active'}
      kind={person.active ? 'danger' : 'primary'}
      isPending={set.isPending}
      onConfirm={() => set.mutate()}
      refusal={refusalOf(set)}
    >
      {person.active ? (
        <p>
          At once: the sessions of <Shown text={person.name} /> end, and what they answered and has not run no
          longer counts.
        </p>
      ) : (
        <p>
          <Shown text={person.name} /> may then sign in and answer again. Where two operators are needed,
          another one agrees first.
        </p>
      )}
      {person.source === 'configuration' ? (
        <p>
          They stand in <code>countersign.yaml</code>, which wins: change it there, with{' '}
          <code>active: {person.active ? 'false' : 'true'}</code>.
        </p>
      ) : null}
    </Ask>
  );
}
