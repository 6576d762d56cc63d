/** With a one-time link: nothing happens until the button is pressed, so a scanner that opens links uses up none (A16). */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { cache, gate, wordsOf } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { Problem, Waiting } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { ownPath } from './back.ts';
import { forgetCode } from './code.ts';
import { type Named, useHere, useHolder } from './known.ts';
import styles from './sign-in.module.css';

export type WithLinkProps = { readonly code: string; readonly to: string | undefined };

export function WithLink({ code, to }: WithLinkProps) {
  const [here, holder] = [useHere(), useHolder(code)];
  // What the page offers depends on both, and must not change under somebody's finger.
  if (here === undefined || holder === undefined) return <Waiting />;
  if (holder === 'none') return <NoLink to={to} here={here} />;
  return <Offer key={code} code={code} to={to} here={here} holder={holder} />;
}

function NoLink({ to, here }: { readonly to: string | undefined; readonly here: Named | null }) {
  const navigate = useNavigate();
  return (
    <>
      <h1 className={styles['title']}>Sign in with your link</h1>
      <Problem
        title="This link signs nobody in"
        detail="It is wrong, used, or older than ten minutes. Ask an operator for a new one, or open the newest one you were given."
      />
      {here === null ? (
        <Button kind="primary" size="large" wide onPress={forgetCode}>
          Sign in another way
        </Button>
      ) : (
        <Button
          kind="primary"
          size="large"
          wide
          onPress={() => void navigate({ href: ownPath(to), replace: true }).then(forgetCode)}
        >
          <span>
            Stay <Shown text={here.name} />
          </span>
        </Button>
      )}
    </>
  );
}

type OfferProps = WithLinkProps & { readonly here: Named | null; readonly holder: Named | null };

function Offer({ code, to, here, holder }: OfferProps) {
  const navigate = useNavigate();
  const signIn = useMutation({
    mutationFn: () => gate.signIn({ code, kind: 'browser' }),
    onSuccess: async () => {
      // Another person may have been signed in here: nothing of theirs is left.
      if (here !== null && here.id !== holder?.id) sessionStorage.clear();
      cache.clear();
      await navigate({ href: ownPath(to), replace: true });
      forgetCode();
    },
  });
  const stay = async (): Promise<void> => {
    await navigate({ href: ownPath(to), replace: true });
    forgetCode();
  };
  return (
    <>
      <h1 className={styles['title']}>Sign in with your link</h1>
      <What here={here} holder={holder} />
      {signIn.isError ? <Problem title="Not signed in" detail={wordsOf(signIn.error)} /> : null}
      <Button
        kind="primary"
        size="large"
        wide
        autoFocus
        isPending={signIn.isPending}
        onPress={() => signIn.mutate()}
      >
        {here === null || holder === null ? (
          'Sign in on this browser'
        ) : (
          <span>
            Continue as <Shown text={holder.name} />
          </span>
        )}
      </Button>
      {here === null ? null : (
        <Button kind="quiet" wide onPress={() => void stay()}>
          <span>
            Stay <Shown text={here.name} />
          </span>
        </Button>
      )}
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

/** For whom, and what becomes of whoever is signed in. */
function What({ here, holder }: Pick<OfferProps, 'here' | 'holder'>) {
  const whose =
    holder === null ? (
      'the person it was made for'
    ) : (
      <>
        <strong>
          <Shown text={holder.name} />
        </strong>{' '}
        (<Shown text={holder.id} />)
      </>
    );
  return (
    <>
      {here === null ? null : (
        <p className={styles['text']}>
          You are signed in as{' '}
          <strong>
            <Shown text={here.name} />
          </strong>
          {here.id === holder?.id ? ' already.' : '. That session ends in this browser when you continue.'}
        </p>
      )}
      <p className={styles['text']}>
        The link signs in {whose}. It works once, for ten minutes. Nothing happens until you press the button.
      </p>
    </>
  );
}
