/** Policy: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const policyRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/policy',
    component: lazyRouteComponent(() => import('./policy.tsx'), 'PolicyView'),
  }),
] as const;
