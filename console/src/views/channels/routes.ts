/** Channels: its URLs. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedIn } from '../../app/parents.ts';

export const channelRoutes = [
  createRoute({
    getParentRoute: () => signedIn,
    path: '/channels',
    component: lazyRouteComponent(() => import('./channels.tsx'), 'ChannelsView'),
  }),
] as const;
