/** Requests as the views ask for them. Keys begin with `requests`, so that a change of one makes all of them stale. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

export type InboxFilter = { readonly all?: boolean };

/** What waits: for me, or for anybody. Most urgent first, as the gateway orders it. */
export const waitingQuery = ({ all = false }: InboxFilter = {}) =>
  infiniteQueryOptions({
    queryKey: ['requests', 'waiting', { all }],
    queryFn: ({ pageParam }) =>
      gate.requests.list({
        status: 'pending',
        limit: 100,
        ...(all ? {} : { reviewable: true }),
        ...(pageParam === undefined ? {} : { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

export const requestQuery = (id: string) =>
  queryOptions({ queryKey: ['requests', 'one', id], queryFn: () => gate.requests.show(id) });
