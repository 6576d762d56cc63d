/** History: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const historyRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/history',
    component: lazyRouteComponent(() => import('./history.tsx'), 'HistoryView'),
  }),
] as const;
