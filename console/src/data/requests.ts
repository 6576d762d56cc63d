/** Requests as the views ask for them. Keys begin with `requests`, so that a change of one makes all of them stale. */

import type { Risk } from '@countersign/core';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

export type InboxFilter = {
  readonly all?: boolean;
  readonly agent?: string;
  readonly upstream?: string;
  readonly risk?: Risk;
};

/** What waits: for me, or for anybody. Most urgent first, as the gateway orders it. */
export const waitingQuery = ({ all = false, ...filter }: InboxFilter = {}) =>
  infiniteQueryOptions({
    queryKey: ['requests', 'waiting', { all, ...filter }],
    queryFn: ({ pageParam }) =>
      gate.requests.list({
        status: 'pending',
        limit: 100,
        ...filter,
        ...(all ? {} : { reviewable: true }),
        ...(pageParam === undefined ? {} : { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
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
