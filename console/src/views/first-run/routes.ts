/** First run: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const firstRunRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/start',
    component: lazyRouteComponent(() => import('./first-run.tsx'), 'FirstRunView'),
  }),
] as const;
