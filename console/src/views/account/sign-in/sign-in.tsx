/** The page of signing in: one thing to do, and the gateway's name beside it, for whoever was sent here by somebody. */
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useSyncExternalStore } from 'react';
import { Note } from '../../../kit/said.tsx';
import { useTitleText } from '../../../kit/title.ts';
import { heldCode, watchCode } from './code.ts';
import { WithLink } from './link.tsx';
import { WithProvider } from './provider.tsx';
import type { SignInSearch } from './search.ts';
import styles from './sign-in.module.css';

const route = getRouteApi('/sign-in');

export function SignInView() {
  const search = route.useSearch();
  useTitleText('Sign in');
  const code = useSyncExternalStore(watchCode, heldCode);
  return (
    <main className={styles['page']}>
      <header className={styles['head']}>
        <span className={styles['wordmark']}>
          <img src="/favicon.svg" alt="" width="22" height="22" />
          Countersign
        </span>
        <code className={styles['host']}>{location.host}</code>
      </header>
      <Why search={search} />
      {code === '' ? <WithProvider search={search} /> : <WithLink code={code} to={search.to} />}
    </main>
  );
}

const REASONS: { readonly [why in NonNullable<SignInSearch['why']>]: ReactNode } = {
  out: 'Signed out. This browser’s session has ended.',
  ended: 'Your session ended. Sign in to go on where you were; what you were writing was not sent.',
};

function Why({ search: { why, to, other } }: { readonly search: SignInSearch }) {
  const said =
    why === undefined
      ? to === undefined || other !== undefined
        ? undefined
        : 'Sign in to go on to the page you opened.'
      : REASONS[why];
  if (said === undefined) return null;
  return (
    <Note tone="plain" live="status">
      <p>{said}</p>
    </Note>
  );
}
