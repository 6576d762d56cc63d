/** Who and what is configured, as the views ask for it. */
import { queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async () => (await gate.reviewers.list()).items,
});
export const operatorsQuery = queryOptions({
  queryKey: ['operators'],
  queryFn: () => gate.operators.show(),
});
export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: async () => (await gate.agents.list()).items,
});
export const upstreamsQuery = queryOptions({
  queryKey: ['upstreams'],
  queryFn: async () => (await gate.upstreams.list()).items,
});
export const toolsQuery = queryOptions({
  queryKey: ['tools'],
  queryFn: async () => (await gate.tools.list()).items,
});
export const toolDiffQuery = (upstream: string, tool: string) =>
  queryOptions({
    queryKey: ['tools', upstream, tool],
    queryFn: () => gate.tools.diff(upstream, tool),
  });
