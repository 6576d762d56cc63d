/** Upstreams: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const upstreamRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/upstreams',
    component: lazyRouteComponent(() => import('./upstreams.tsx'), 'UpstreamsView'),
  }),
] as const;
