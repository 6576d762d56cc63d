/** Audit log: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { entriesQuery, entryQuery } from '../../data/log/entries.ts';
import { filterOf, readSearch } from './search.ts';

export const auditRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/audit',
    validateSearch: readSearch,
    loaderDeps: ({ search }) => filterOf(search),
    loader: ({ context, deps }) => context.cache.ensureInfiniteQueryData(entriesQuery(deps)),
    component: lazyRouteComponent(() => import('./audit.tsx'), 'AuditView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/audit/checkpoint',
    component: lazyRouteComponent(() => import('./checkpoint/checkpoint.tsx'), 'CheckpointView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/audit/$event',
    loader: ({ context, params }) => context.cache.ensureQueryData(entryQuery(params.event)),
    component: lazyRouteComponent(() => import('./entry/entry.tsx'), 'EntryView'),
  }),
] as const;
