/** Channels: its URL. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';
import { peopleQuery } from '../../data/directory.ts';

export const channelRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/channels',
    loader: ({ context: { cache } }) => cache.ensureQueryData(peopleQuery),
    component: lazyRouteComponent(() => import('./channels.tsx'), 'ChannelsView'),
  }),
] as const;
