/** Requests as the views ask for them. Keys begin with `requests`, so that a change of one makes all of them stale. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

/** What waits: for me, or for anybody. Most urgent first, as the gateway orders it. */
export const waitingQuery = ({ all = false }: { readonly all?: boolean } = {}) =>
  infiniteQueryOptions({
    queryKey: ['requests', 'waiting', { all }],
    queryFn: ({ pageParam }) =>
      gate.inbox({
        limit: 100,
        for_me: !all,
        ...(pageParam === undefined ? {} : { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

/** What the day comes to: since midnight where the person looking is. */
export const todayQuery = queryOptions({
  queryKey: ['requests', 'waiting', 'today'],
  queryFn: () => gate.today({ since: new Date().setHours(0, 0, 0, 0) }),
});

export const requestQuery = (id: string) =>
  queryOptions({ queryKey: ['requests', 'one', id], queryFn: () => gate.requests.show(id) });

/** Has anything ever been asked here? Looked for only where nothing waits. */
export const anyQuery = queryOptions({
  queryKey: ['requests', 'any'],
  queryFn: async () => (await gate.requests.list({ limit: 1 })).items.length > 0,
});

/** Earlier calls like the one a request holds; under `requests`, as the end of that one changes what is told next. */
export const beforeQuery = (id: string) =>
  queryOptions({ queryKey: ['requests', 'before', id], queryFn: () => gate.calls.before(id) });
