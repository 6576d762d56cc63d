/** History: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { callQuery, callsQuery } from '../../data/history/calls.ts';
import { filterOf, readSearch } from './search.ts';

export const historyRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/history',
    validateSearch: readSearch,
    loaderDeps: ({ search }) => filterOf(search),
    loader: ({ context, deps }) => context.cache.ensureInfiniteQueryData(callsQuery(deps)),
    component: lazyRouteComponent(() => import('./history.tsx'), 'HistoryView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/history/$call',
    loader: ({ context, params }) => context.cache.ensureQueryData(callQuery(params.call)),
    component: lazyRouteComponent(() => import('./call/call.tsx'), 'CallView'),
  }),
] as const;
