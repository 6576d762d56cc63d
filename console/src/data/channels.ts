/** Channels as operators and auditors see them, and what a link from one is about. */
import { queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

/** Nothing tells a page when a service goes down: it is asked while somebody looks. */
const LOOK_EVERY_MS = 10_000;
const LOOK_SOON_MS = 2_000;

export const channelQueries = {
  all: queryOptions({
    queryKey: ['channels'],
    queryFn: () => gate.channels.list(),
    refetchInterval: LOOK_EVERY_MS,
  }),
  dead: queryOptions({
    queryKey: ['channels', 'dead'],
    queryFn: async () => (await gate.channels.dead({ limit: 50 })).items,
    refetchInterval: LOOK_EVERY_MS,
  }),
};

/** Places that are told what happens. */
export const webhookQueries = {
  all: queryOptions({
    queryKey: ['webhooks'],
    queryFn: async () => (await gate.webhooks.list()).items,
    // What waits is on its way: whoever just had it told again looks whether it was taken.
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ waiting }) => waiting > 0) ? LOOK_SOON_MS : LOOK_EVERY_MS,
  }),
  dead: (name: string) =>
    queryOptions({
      queryKey: ['webhooks', name],
      queryFn: async () => (await gate.webhooks.dead(name)).items,
      refetchInterval: LOOK_EVERY_MS,
    }),
};

/** Asked once; forgotten with the page. */
export const accountLinkQuery = (code: string) =>
  queryOptions({
    queryKey: ['account-link', code],
    queryFn: () => gate.channels.lookAtLink(code),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
