/** People, groups, and what operators may change of them: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import {
  accountsOfQuery,
  changesQuery,
  operatorsQuery,
  peopleQuery,
  personPolicyQuery,
} from '../../data/directory.ts';
import { hasRole, meQuery } from '../../data/me.ts';
import { accountQueries } from '../../data/own/account.ts';
import { policyQuery } from '../../data/policy.ts';

export const peopleRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/people',
    validateSearch: (given): { readonly by?: 'groups' } => (given['by'] === 'groups' ? { by: 'groups' } : {}),
    loader: ({ context: { cache } }) =>
      Promise.all([
        cache.ensureQueryData(peopleQuery),
        cache.ensureQueryData(operatorsQuery),
        cache.ensureQueryData(changesQuery),
        cache.ensureQueryData(accountQueries.passkeys),
        cache.ensureQueryData(policyQuery),
      ]),
    component: lazyRouteComponent(() => import('./people.tsx'), 'PeopleView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/people/$person',
    loader: async ({ context: { cache }, params: { person } }) => {
      const me = await cache.ensureQueryData(meQuery);
      const operator = hasRole(me, 'operator');
      const own = me.id === person;
      await Promise.all([
        cache.ensureQueryData(peopleQuery),
        cache.ensureQueryData(operatorsQuery),
        cache.ensureQueryData(changesQuery),
        // Who is not known is said by the page.
        cache.prefetchQuery(personPolicyQuery(person)),
        cache.ensureQueryData(accountQueries.passkeys),
        operator || own
          ? cache.ensureQueryData(accountQueries.sessions(own ? undefined : person))
          : undefined,
        operator || own || hasRole(me, 'auditor')
          ? cache.ensureQueryData(accountsOfQuery(person))
          : undefined,
      ]);
    },
    component: lazyRouteComponent(() => import('./person/person.tsx'), 'PersonView'),
  }),
] as const;
