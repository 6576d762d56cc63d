/** Audit log: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const auditRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/audit',
    component: lazyRouteComponent(() => import('./audit.tsx'), 'AuditView'),
  }),
] as const;
