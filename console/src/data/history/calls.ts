/** What agents did, as the views ask for it: calls, runs (the API's trails), saved searches, insights. */
import type { CallFilter, TrailFilter } from '@countersign/sdk';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { cache, gate } from '../gate.ts';

/** Lists of the past are looked at again when somebody asks, not under their eyes. */
const calm = { staleTime: 60_000, refetchOnWindowFocus: false } as const;
/** A list somebody went far down in is not fetched again page by page because they come back to it. */
const PAGES_AGAIN_MAX = 10;
const after = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

export const callsQuery = (filter: CallFilter) =>
  infiniteQueryOptions({
    queryKey: ['calls', 'list', filter],
    queryFn: ({ pageParam, signal }) => {
      signal.throwIfAborted();
      return gate.calls.list({ ...filter, limit: 100, ...after(pageParam) });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    ...calm,
    staleTime: ({ state }) =>
      (state.data?.pages.length ?? 0) > PAGES_AGAIN_MAX ? Number.POSITIVE_INFINITY : calm.staleTime,
  });

/** From the top: the pages below are asked for as somebody comes to them. */
export async function lookAgain(filter: CallFilter): Promise<void> {
  const { queryKey } = callsQuery(filter);
  cache.setQueryData(
    queryKey,
    (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
  );
  await cache.invalidateQueries({ queryKey });
}

const RUNNING_LOOK_MS = 2_000;

/** What a request stands behind is told of as it changes; a run that policy alone let through is looked at until it ends. */
export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ['calls', 'one', id],
    queryFn: () => gate.calls.show(id),
    refetchInterval: ({ state: { data } }) =>
      data?.outcome === 'running' && data.request_id === undefined ? RUNNING_LOOK_MS : false,
  });

export const trailsQuery = (filter: TrailFilter) =>
  infiniteQueryOptions({
    queryKey: ['trails', 'list', filter],
    queryFn: ({ pageParam }) => gate.trails.list({ ...filter, limit: 100, ...after(pageParam) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    ...calm,
  });

export const trailQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['trails', 'one', id],
    queryFn: ({ pageParam }) => gate.trails.show(id, { limit: 50, ...after(pageParam) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    ...calm,
  });

export const searchesQuery = queryOptions({
  queryKey: ['searches'],
  queryFn: async () => (await gate.searches.list()).items,
});

export const insightsQuery = (span: { readonly from: number; readonly to: number }) =>
  queryOptions({ queryKey: ['insights', span], queryFn: () => gate.insights(span), ...calm });

/** Narrower rules for what is always approved, each tried against the record: it may take the gateway half a minute. */
export const suggestionsQuery = (since: number) =>
  queryOptions({
    queryKey: ['policy', 'suggestions', since],
    queryFn: () => gate.policy.suggestions({ since }),
    ...calm,
    retry: false,
  });
