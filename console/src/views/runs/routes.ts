/** Runs: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { trailQuery, trailsQuery } from '../../data/history/calls.ts';
import { filterOf, readCompareSearch, readRunSearch, readRunsSearch } from './search.ts';

export const runRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/runs',
    validateSearch: readRunsSearch,
    loaderDeps: ({ search }) => filterOf(search),
    loader: ({ context, deps }) => context.cache.ensureInfiniteQueryData(trailsQuery(deps)),
    component: lazyRouteComponent(() => import('./runs.tsx'), 'RunsView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/runs/compare',
    validateSearch: readCompareSearch,
    loaderDeps: ({ search }) => readCompareSearch({ ...search }),
    // What of it cannot be had is said by the view.
    loader: ({ context, deps: { a, b } }) =>
      Promise.allSettled(
        [a, b].map((id) => (id === undefined ? [] : context.cache.ensureInfiniteQueryData(trailQuery(id)))),
      ),
    component: lazyRouteComponent(() => import('./compare/compare.tsx'), 'CompareView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/runs/$trail',
    validateSearch: readRunSearch,
    loader: ({ context, params }) => context.cache.ensureInfiniteQueryData(trailQuery(params.trail)),
    component: lazyRouteComponent(() => import('./one/run.tsx'), 'RunView'),
  }),
] as const;
