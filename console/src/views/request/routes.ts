/** One request, and the answer to it: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { meQuery } from '../../data/me.ts';
import { myKeysQuery } from '../../data/own/account.ts';
import { requestQuery } from '../../data/requests.ts';

export type RequestSearch = {
  /** What somebody came to do: the keyboard is there already. Nothing is sent before a press. */
  readonly do?: 'approve' | 'deny' | undefined;
  /** The action exactly as it is digested, instead of to read. */
  readonly as?: 'exact' | undefined;
};

export const requestRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/requests/$id',
    // What is not taken is named too: the router would hand it on as it stood in the address.
    validateSearch: (given): RequestSearch => ({
      do: given['do'] === 'approve' || given['do'] === 'deny' ? given['do'] : undefined,
      as: given['as'] === 'exact' ? given['as'] : undefined,
    }),
    loader: async ({ context: { cache }, params: { id } }) => {
      const me = await cache.ensureQueryData(meQuery);
      // What went wrong is said by the view, beside what did not.
      await Promise.allSettled([
        cache.ensureQueryData(requestQuery(id)),
        cache.ensureQueryData(myKeysQuery(me.id)),
      ]);
    },
    component: lazyRouteComponent(() => import('./request.tsx'), 'RequestView'),
  }),
] as const;
