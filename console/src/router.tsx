/**
 * Every view and its URL, filters and selections included: what one person sees, another can be sent. A view's code is
 * loaded when somebody goes there. Nobody signed in goes to sign in first, and comes back to where they wanted to be.
 */
import { createRouter } from '@tanstack/react-router';
import { Broken } from './app/not-here.tsx';
import { root, signedIn } from './app/parents.ts';
import { cache, whenSignedOut } from './data/gate.ts';
import { meQuery } from './data/me.ts';
import { Waiting } from './kit/said.tsx';
import { accountRoute, signInRoute } from './views/account/routes.ts';
import { agentRoutes } from './views/agents/routes.ts';
import { auditRoutes } from './views/audit/routes.ts';
import { channelRoutes } from './views/channels/routes.ts';
import { firstRunRoutes } from './views/first-run/routes.ts';
import { historyRoutes } from './views/history/routes.ts';
import { inboxRoutes } from './views/inbox/routes.ts';
import { insightRoutes } from './views/insights/routes.ts';
import { peopleRoutes } from './views/people/routes.ts';
import { policyRoutes } from './views/policy/routes.ts';
import { requestRoutes } from './views/request/routes.ts';
import { runRoutes } from './views/runs/routes.ts';
import { upstreamRoutes } from './views/upstreams/routes.ts';

const tree = root.addChildren([
  signInRoute,
  signedIn.addChildren([
    ...inboxRoutes,
    ...requestRoutes,
    ...historyRoutes,
    ...runRoutes,
    ...auditRoutes,
    ...policyRoutes,
    ...insightRoutes,
    ...agentRoutes,
    ...upstreamRoutes,
    ...peopleRoutes,
    ...channelRoutes,
    ...firstRunRoutes,
    accountRoute,
  ]),
]);

// Long enough that what comes quickly does not flash, short enough that nobody wonders.
const PENDING_MS = 400;

export const router = createRouter({
  routeTree: tree,
  context: { cache },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: PENDING_MS,
  defaultPendingComponent: () => <Waiting />,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

// A session that ends while a view is open leads back to that view, once they have signed in again.
whenSignedOut(() => {
  const { href, pathname } = router.state.location;
  if (pathname === '/sign-in' || cache.getQueryData(meQuery.queryKey) === undefined) return;
  void router.navigate({ to: '/sign-in', search: { to: href, why: 'ended' } }).then(() => cache.clear());
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
