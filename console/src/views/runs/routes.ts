/** Runs: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const runRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/runs',
    component: lazyRouteComponent(() => import('./runs.tsx'), 'RunsView'),
  }),
] as const;
