/** Insights: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const insightRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/insights',
    component: lazyRouteComponent(() => import('./insights.tsx'), 'InsightsView'),
  }),
] as const;
