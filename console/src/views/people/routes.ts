/** People: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const peopleRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/people',
    component: lazyRouteComponent(() => import('./people.tsx'), 'PeopleView'),
  }),
] as const;
