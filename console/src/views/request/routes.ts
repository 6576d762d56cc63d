/** Request: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const requestRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/requests/$id',
    component: lazyRouteComponent(() => import('./request.tsx'), 'RequestView'),
  }),
] as const;
