/** Insights: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { insightsQuery } from '../../data/history/calls.ts';
import { readInsightsSearch, spanOf } from './span.ts';

export const insightRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/insights',
    validateSearch: readInsightsSearch,
    loaderDeps: ({ search }) => readInsightsSearch({ ...search }),
    loader: async ({ context, deps }) => {
      const span = spanOf(deps, Date.now());
      await context.cache.ensureQueryData(insightsQuery(span));
      return span;
    },
    component: lazyRouteComponent(() => import('./insights.tsx'), 'InsightsView'),
  }),
] as const;
