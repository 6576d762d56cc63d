/** One's own account, and signing in to it: their URLs. */
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { root, signedIn } from '../../app/parents.ts';
import { peopleQuery } from '../../data/directory.ts';
import { isKind } from '../../data/gate.ts';
import { meQuery } from '../../data/me.ts';
import { accountQueries } from '../../data/own/account.ts';
import { ownPath } from './sign-in/back.ts';
// Before anything else looks at the address: a code in it is taken out.
import { heldCode } from './sign-in/code.ts';
import type { SignInSearch } from './sign-in/search.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const signInRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (given): SignInSearch => {
    const [to, cli, why] = [text(given['to']), text(given['cli']), text(given['why'])];
    return {
      ...(to === undefined ? {} : { to }),
      ...(cli === undefined ? {} : { cli }),
      ...(given['fresh'] === undefined ? {} : { fresh: '1' }),
      ...(given['other'] === undefined ? {} : { other: '1' }),
      ...(why === 'out' || why === 'ended' ? { why } : {}),
    };
  },
  beforeLoad: async ({ context, search }) => {
    const { cli, fresh, other } = search;
    if (heldCode() !== '' || cli !== undefined || fresh !== undefined || other !== undefined) return;
    try {
      await context.cache.fetchQuery({ ...meQuery, staleTime: 0 });
    } catch (error) {
      if (isKind(error, 'not_signed_in')) return;
      throw error;
    }
    throw redirect({ href: ownPath(search.to), replace: true });
  },
  component: lazyRouteComponent(() => import('./sign-in/sign-in.tsx'), 'SignInView'),
});

export const accountRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  loader: ({ context }) =>
    Promise.all([
      context.cache.ensureQueryData(accountQueries.passkeys),
      context.cache.ensureQueryData(accountQueries.sessions()),
      context.cache.ensureInfiniteQueryData(accountQueries.delegations),
      context.cache.ensureQueryData(peopleQuery),
    ]),
  component: lazyRouteComponent(() => import('./account.tsx'), 'AccountView'),
});
