/** Entries of the audit log as looked up over the API. Keys begin with `log`; what is checked of them is in state.ts. */
import type { LogFilter } from '@countersign/sdk';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { gate } from '../gate.ts';

export const entriesQuery = (filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ['log', 'entries', filter],
    queryFn: ({ pageParam }) =>
      gate.log.lookUp({ ...filter, limit: 100, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

/** A signed entry never changes. */
export const entryQuery = (event_id: string) =>
  queryOptions({
    queryKey: ['log', 'entry', event_id],
    queryFn: () => gate.log.entry(event_id),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What the log says of one request, newest first. */
export const storyQuery = (request: string) =>
  queryOptions({
    queryKey: ['log', 'story', request],
    queryFn: () => gate.log.lookUp({ request, limit: 200 }),
  });

/** Signed roots, newest first. */
export const checkpointsQuery = infiniteQueryOptions({
  queryKey: ['log', 'checkpoints'],
  queryFn: ({ pageParam }) =>
    gate.log.checkpoints({ limit: 10, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next_cursor }) => next_cursor,
});
