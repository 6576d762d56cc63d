/** Channels, and saying that an account in one is yours: their URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { channelQueries } from '../../data/channels.ts';
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
        ? [cache.ensureQueryData(channelQueries.all), cache.ensureQueryData(channelQueries.dead)]
        : [];
      await Promise.all([cache.ensureQueryData(peopleQuery), ...own]);
    },
    component: lazyRouteComponent(() => import('./channels.tsx'), 'ChannelsView'),
  }),
  createRoute({
    getParentRoute: () => signedIn,
    path: '/channels/link',
    component: lazyRouteComponent(() => import('./link.tsx'), 'LinkView'),
  }),
] as const;
