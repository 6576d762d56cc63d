/** With a one-time link: nothing happens until the button is pressed, so a scanner that opens links uses up none (A16). */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { cache, gate, wordsOf } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { Problem } from '../../../kit/said.tsx';
import { ownPath } from './back.ts';
import { forgetCode } from './code.ts';
import styles from './sign-in.module.css';

export type WithLinkProps = { readonly code: string; readonly to: string | undefined };

export function WithLink({ code, to }: WithLinkProps) {
  const navigate = useNavigate();
  const signIn = useMutation({
    mutationFn: () => gate.signIn({ code, kind: 'browser' }),
    onSuccess: async () => {
      // Another person may have been signed in here: nothing of theirs is left.
      cache.clear();
      await navigate({ href: ownPath(to), replace: true });
      forgetCode();
    },
  });
  return (
    <>
      <h1 className={styles['title']}>Sign in with your link</h1>
      <p className={styles['text']}>
        It works once, for ten minutes, for the person it was made for. Nothing happens until you press the
        button.
      </p>
      {signIn.isError ? <Problem title="Not signed in" detail={wordsOf(signIn.error)} /> : null}
      <Button
        kind="primary"
        size="large"
        wide
        autoFocus
        isPending={signIn.isPending}
        onPress={() => signIn.mutate()}
      >
        Sign in on this browser
      </Button>
      <p className={styles['small']}>
        To review in a terminal, keep the link for <code>countersign login</code> instead: it works in one
        place only.
      </p>
      {signIn.isError ? (
        <Button kind="quiet" wide onPress={forgetCode}>
          Sign in another way
        </Button>
      ) : null}
    </>
  );
}
