/** One's own account, and signing in to it: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root, signedIn } from '../../app/parents.ts';

export type SignInSearch = {
  /** Where they wanted to go: a path of the console's own. */
  readonly to?: string;
  /** A command line on this machine that waits. */
  readonly cli?: string;
  /** They are to show who they are again. */
  readonly fresh?: string;
};

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const signInRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (given): SignInSearch => {
    const [to, cli, fresh] = [text(given['to']), text(given['cli']), text(given['fresh'])];
    return {
      ...(to === undefined ? {} : { to }),
      ...(cli === undefined ? {} : { cli }),
      ...(fresh === undefined ? {} : { fresh }),
    };
  },
  component: lazyRouteComponent(() => import('./sign-in.tsx'), 'SignInView'),
});

export const accountRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  component: lazyRouteComponent(() => import('./account.tsx'), 'AccountView'),
});
