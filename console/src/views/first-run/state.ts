/**
 * How far setting up has come, read from the gateway again and again while the page is open: a step is done when the
 * gateway says so, never because somebody pressed something here.
 */
import { queryOptions, useSuspenseQueries } from '@tanstack/react-query';
import {
  agentsQuery,
  operatorsQuery,
  peopleQuery,
  toolsQuery,
  upstreamsQuery,
} from '../../data/directory.ts';
import { gate } from '../../data/gate.ts';
import type { Found } from './done.ts';

const LOOK_MS = 2_000;

export const startQueries = {
  people: { ...peopleQuery, refetchInterval: LOOK_MS },
  operators: { ...operatorsQuery, refetchInterval: LOOK_MS },
  agents: { ...agentsQuery, refetchInterval: LOOK_MS },
  upstreams: { ...upstreamsQuery, refetchInterval: LOOK_MS },
  tools: { ...toolsQuery, refetchInterval: LOOK_MS },
  calls: queryOptions({
    queryKey: ['calls', 'first'],
    queryFn: async () => (await gate.calls.list({ limit: 1 })).items,
    refetchInterval: LOOK_MS,
  }),
  held: queryOptions({
    queryKey: ['calls', 'first-held'],
    queryFn: async () => (await gate.calls.list({ decision: 'held', limit: 1 })).items,
    refetchInterval: LOOK_MS,
  }),
};

export function useFound(): Found {
  const { people, operators, agents, upstreams, tools, calls, held } = startQueries;
  const [p, o, a, u, t, c, h] = useSuspenseQueries({
    queries: [people, operators, agents, upstreams, tools, calls, held],
  });
  return {
    people: p.data,
    operators: o.data,
    agents: a.data,
    upstreams: u.data,
    tools: t.data,
    calls: c.data,
    held: h.data,
  };
}
