/** Who is signed in in this browser. */
import type { Me } from '@countersign/sdk';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { gate } from './gate.ts';

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => gate.me(), staleTime: 60_000 });
/** In views behind the sign-in only: the router has made sure. */
export const useMe = (): Me => useSuspenseQuery(meQuery).data;
export const hasRole = (me: Me, role: Me['roles'][number]): boolean => me.roles.includes(role);
