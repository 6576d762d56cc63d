/** Agents: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const agentRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/agents',
    component: lazyRouteComponent(() => import('./agents.tsx'), 'AgentsView'),
  }),
] as const;
