/** From nothing to a first held action: its URL. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { startQueries } from './state.ts';

export const firstRunRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/start',
    loader: ({ context: { cache } }) =>
      Promise.all([
        cache.ensureQueryData(startQueries.people),
        cache.ensureQueryData(startQueries.operators),
        cache.ensureQueryData(startQueries.agents),
        cache.ensureQueryData(startQueries.upstreams),
        cache.ensureQueryData(startQueries.tools),
        cache.ensureQueryData(startQueries.calls),
        cache.ensureQueryData(startQueries.held),
      ]),
    component: lazyRouteComponent(() => import('./first-run.tsx'), 'FirstRunView'),
  }),
] as const;
