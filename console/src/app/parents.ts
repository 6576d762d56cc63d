/** What every route stands below: the root, and the frame for whoever is signed in. */
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import { isKind } from '../data/gate.ts';
import { meQuery } from '../data/me.ts';
import { Frame } from './frame.tsx';
import { NotHere } from './not-here.tsx';

export const root = createRootRouteWithContext<{ readonly cache: QueryClient }>()({
  notFoundComponent: NotHere,
});

export const signedIn = createRoute({
  id: 'signed-in',
  getParentRoute: () => root,
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.cache.ensureQueryData(meQuery);
    } catch (error) {
      if (!isKind(error, 'not_signed_in')) throw error;
      throw redirect({ to: '/sign-in', search: { to: location.href } });
    }
  },
});
