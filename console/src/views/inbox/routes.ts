/** What waits, and several of it looked at together: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { openGlassQuery } from '../../data/glass.ts';
import { meQuery } from '../../data/me.ts';
import { requestQuery, waitingQuery } from '../../data/requests.ts';
import { answers, readSearch } from './search.ts';
import { readIds, type TogetherSearch } from './together/ids.ts';

export const inboxRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/',
    validateSearch: readSearch,
    loaderDeps: ({ search }) => ({ all: search.all === true }),
    loader: async ({ context: { cache }, deps }) => {
      const all = deps.all || !answers(await cache.ensureQueryData(meQuery));
      // Beside the list: what of it fails is said by the view.
      const glass = cache.ensureQueryData(openGlassQuery).catch(() => undefined);
      await cache.ensureInfiniteQueryData({ ...waitingQuery({ all }), revalidateIfStale: true });
      await glass;
    },
    component: lazyRouteComponent(() => import('./inbox.tsx'), 'InboxView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/requests/together',
    validateSearch: (given): TogetherSearch => ({ ids: readIds(given['ids']) }),
    loaderDeps: ({ search }) => search,
    loader: ({ context: { cache }, deps }) =>
      Promise.allSettled(deps.ids.map((id) => cache.ensureQueryData(requestQuery(id)))),
    component: lazyRouteComponent(() => import('./together/together.tsx'), 'TogetherView'),
  }),
] as const;
