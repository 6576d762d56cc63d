/** Upstreams and their tools: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import {
  changesQuery,
  operatorsQuery,
  toolDiffQuery,
  toolsQuery,
  upstreamsQuery,
} from '../../data/directory.ts';

export const upstreamRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/upstreams',
    loader: ({ context: { cache } }) =>
      Promise.all([cache.ensureQueryData(upstreamsQuery), cache.ensureQueryData(toolsQuery)]),
    component: lazyRouteComponent(() => import('./upstreams.tsx'), 'UpstreamsView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/upstreams/$upstream',
    loader: ({ context: { cache } }) =>
      Promise.all([
        cache.ensureQueryData(upstreamsQuery),
        cache.ensureQueryData(toolsQuery),
        cache.ensureQueryData(changesQuery),
      ]),
    component: lazyRouteComponent(() => import('./one.tsx'), 'UpstreamView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/upstreams/$upstream/$tool',
    loader: ({ context: { cache }, params: { upstream, tool } }) =>
      Promise.all([
        cache.ensureQueryData(toolDiffQuery(upstream, tool)),
        cache.ensureQueryData(toolsQuery),
        cache.ensureQueryData(changesQuery),
        cache.ensureQueryData(operatorsQuery),
      ]),
    component: lazyRouteComponent(() => import('./tool/tool.tsx'), 'ToolView'),
  }),
] as const;
