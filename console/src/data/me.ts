/** Who is signed in in this browser. */
import type { Me } from '@countersign/sdk';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { gate } from './gate.ts';

/** Another tab may have signed somebody else in: what this one was given for the one before goes with its page. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ client, queryKey }) => {
    const before = client.getQueryData<Me>(queryKey);
    const me = await gate.me();
    if (before !== undefined && before.id !== me.id) location.reload();
    return me;
  },
  // Asked again whenever somebody comes back to this tab.
  staleTime: 60_000,
  refetchOnWindowFocus: 'always',
});
/** In views behind the sign-in only: the router has made sure. */
export const useMe = (): Me => useSuspenseQuery(meQuery).data;
export const hasRole = (me: Me, role: Me['roles'][number]): boolean => me.roles.includes(role);
