/** Channels, and saying that an account in one is yours: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { channelQueries, webhookQueries } from '../../data/channels.ts';
import { peopleQuery } from '../../data/directory.ts';
import { meQuery } from '../../data/me.ts';
import { mayOversee } from './may.ts';

export const channelRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/channels',
    loader: async ({ context: { cache } }) => {
      const me = await cache.ensureQueryData(meQuery);
      const own = mayOversee(me)
        ? [
            cache.ensureQueryData(channelQueries.all),
            cache.ensureQueryData(channelQueries.dead),
            cache.ensureQueryData(webhookQueries.all),
          ]
        : [];
      await Promise.all([cache.ensureQueryData(peopleQuery), ...own]);
    },
    component: lazyRouteComponent(() => import('./channels.tsx'), 'ChannelsView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/channels/told/$name',
    loader: ({ context: { cache }, params: { name } }) =>
      Promise.all([
        cache.ensureQueryData(webhookQueries.all),
        cache.ensureQueryData(webhookQueries.dead(name)),
      ]),
    component: lazyRouteComponent(() => import('./told/one.tsx'), 'ToldView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/channels/link',
    component: lazyRouteComponent(() => import('./link.tsx'), 'LinkView'),
  }),
] as const;
