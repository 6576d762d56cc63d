/** With the account people have at work; or, for a command line that waits on this machine, for it. */
import type { BeginSignInInput, SignInProvider } from '@countersign/sdk';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { gate, wordsOf } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { Command } from '../../../kit/data/copy.tsx';
import { Problem, Waiting } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { ownPath } from './back.ts';
import { useHere } from './known.ts';
import type { SignInSearch } from './search.ts';
import styles from './sign-in.module.css';

const providersQuery = queryOptions({
  queryKey: ['sign-in', 'providers'],
  queryFn: async () => (await gate.providers()).items,
});

type Props = { readonly search: SignInSearch };

export function WithProvider({ search }: Props) {
  const { data, error, isPending, refetch } = useQuery(providersQuery);
  if (isPending) return <Waiting />;
  if (error !== null)
    return <Problem title="This did not load" detail={wordsOf(error)} onAgain={() => void refetch()} />;
  if (search.cli !== undefined) return <ForCommandLine search={search} providers={data} />;
  if (search.other !== undefined) return <SomebodyElse search={search} providers={data} />;
  return data.length === 0 ? <OnlyLinks /> : <Choose search={search} providers={data} />;
}

type ChooseProps = Props & { readonly providers: readonly SignInProvider[] };

function Choose({ search, providers }: ChooseProps) {
  return (
    <>
      <h1 className={styles['title']}>{search.fresh !== undefined ? 'Show again who you are' : 'Sign in'}</h1>
      <p className={styles['text']}>
        {search.fresh !== undefined
          ? 'Some requests are answered only by people who have just signed in. Your provider asks you again.'
          : 'With the account you have at work.'}
      </p>
      <Buttons search={search} providers={providers} />
      {search.fresh !== undefined ? <StayOut to={search.to} /> : <LinkInstead />}
    </>
  );
}

/** One press and somebody else is signed in: nobody has to find out where to sign out first. */
function SomebodyElse({ search, providers }: ChooseProps) {
  const here = useHere();
  const navigate = useNavigate();
  if (here === undefined) return <Waiting />;
  if (here === null)
    return providers.length === 0 ? <OnlyLinks /> : <Choose search={search} providers={providers} />;
  return (
    <>
      <h1 className={styles['title']}>Sign in as somebody else</h1>
      <p className={styles['text']}>
        You are signed in as{' '}
        <strong>
          <Shown text={here.name} />
        </strong>
        . That session ends in this browser once somebody else signs in.
      </p>
      {providers.length === 0 ? (
        <p className={styles['text']}>Open the one-time link made for them in this browser.</p>
      ) : (
        <Buttons search={search} providers={providers} />
      )}
      <Button kind="quiet" wide onPress={() => void navigate({ href: ownPath(search.to), replace: true })}>
        <span>
          Stay <Shown text={here.name} />
        </span>
      </Button>
      {providers.length === 0 ? null : <LinkInstead />}
    </>
  );
}

function ForCommandLine({ search, providers }: ChooseProps) {
  if (loopbackOf(search.cli) === undefined || providers.length === 0)
    return (
      <>
        <h1 className={styles['title']}>Sign in the command line</h1>
        <Problem
          title="This address is not whole"
          detail="Copy the whole address that countersign login printed, or run it again."
        />
      </>
    );
  return (
    <>
      <h1 className={styles['title']}>Sign in the command line</h1>
      <p className={styles['text']}>
        A command line on this computer waits to be signed in as you. Go on only if you have just run{' '}
        <code>countersign login</code> here.
      </p>
      <Buttons search={search} providers={providers} />
    </>
  );
}

function Buttons({ search, providers }: ChooseProps) {
  const begin = useMutation({
    mutationFn: (id: string) => gate.beginSignIn(id, inputOf(search)),
    onSuccess: ({ url }) => location.assign(url),
  });
  return (
    <div className={styles['choices']}>
      {begin.isError ? <Problem title="Not signed in" detail={wordsOf(begin.error)} /> : null}
      {providers.map(({ id, name }, at) => (
        <Button
          key={id}
          kind={at === 0 ? 'primary' : 'plain'}
          size="large"
          wide
          isPending={begin.isPending && begin.variables === id}
          isDisabled={begin.isPending && begin.variables !== id}
          onPress={() => begin.mutate(id)}
        >
          <span>
            Sign in with <Shown text={name} />
          </span>
        </Button>
      ))}
    </div>
  );
}

function inputOf({ cli, to, fresh, other }: SignInSearch): BeginSignInInput {
  const loopback = loopbackOf(cli);
  return {
    ...(loopback === undefined ? { return_to: ownPath(to) } : { loopback }),
    // Or the provider would sign in again whom it knows.
    ...(fresh !== undefined || other !== undefined ? { fresh: true } : {}),
  };
}

function loopbackOf(cli: string | undefined): BeginSignInInput['loopback'] {
  const [challenge, port, state, ...more] = (cli ?? '').split('.');
  return challenge && port && state && more.length === 0
    ? { challenge, port: Number(port), state }
    : undefined;
}

function StayOut({ to }: { readonly to: string | undefined }) {
  const navigate = useNavigate();
  return (
    <Button kind="quiet" wide onPress={() => void navigate({ href: ownPath(to), replace: true })}>
      Back
    </Button>
  );
}

const LinkInstead = () => (
  <p className={styles['small']}>
    Or open a one-time link. An operator makes one with <code>countersign reviewers link YOUR-ID</code>
  </p>
);

const OnlyLinks = () => (
  <>
    <h1 className={styles['title']}>Sign in with a one-time link</h1>
    <p className={styles['text']}>
      Open the whole link, up to its last character: it signs you in once you press the button there. An
      operator makes a new one on the gateway’s host, and hands it to you:
    </p>
    <Command text="countersign reviewers link YOUR-ID" />
    <p className={styles['small']}>It is good for ten minutes.</p>
  </>
);
