/** Agents, one of them, and making keys: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import {
  agentPolicyQuery,
  agentsQuery,
  callsOfQuery,
  changesQuery,
  peopleQuery,
  upstreamsQuery,
} from '../../data/directory.ts';

export const agentRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/agents',
    loader: ({ context: { cache } }) => cache.ensureQueryData(agentsQuery),
    component: lazyRouteComponent(() => import('./agents.tsx'), 'AgentsView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/agents/$agent',
    loader: ({ context: { cache }, params: { agent } }) =>
      Promise.all([
        cache.ensureQueryData(agentsQuery),
        cache.ensureQueryData(changesQuery),
        cache.ensureQueryData(callsOfQuery(agent)),
        // Who is not known is said by the page.
        cache.prefetchQuery(agentPolicyQuery(agent)),
      ]),
    component: lazyRouteComponent(() => import('./one/one.tsx'), 'AgentView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/agents/new-key',
    /** For which agent; without, a new one. */
    validateSearch: (given): { readonly agent?: string } =>
      typeof given['agent'] === 'string' ? { agent: given['agent'] } : {},
    loader: ({ context: { cache } }) =>
      Promise.all([
        cache.ensureQueryData(agentsQuery),
        cache.ensureQueryData(changesQuery),
        cache.ensureQueryData(peopleQuery),
        cache.ensureQueryData(upstreamsQuery),
      ]),
    component: lazyRouteComponent(() => import('./key/new-key.tsx'), 'NewKeyView'),
  }),
] as const;
