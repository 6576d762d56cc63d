/** Names somebody may mean, offered while they type; lists that cannot be had are simply not offered. */
import { useQuery } from '@tanstack/react-query';
import { agentsQuery, peopleQuery, toolsQuery, upstreamsQuery } from '../directory.ts';

export type Likely = readonly (readonly [value: string, label: string])[];
export type Known = {
  readonly agent: Likely;
  readonly person: Likely;
  readonly upstream: Likely;
  readonly resource: Likely;
};

export function useKnown(): Known {
  const { data: agents = [] } = useQuery(agentsQuery);
  const { data: people = [] } = useQuery(peopleQuery);
  const { data: upstreams = [] } = useQuery(upstreamsQuery);
  const { data: tools = [] } = useQuery(toolsQuery);
  return {
    agent: agents.map(({ id }) => [id, id]),
    person: people.map(({ id, name }) => [id, name]),
    upstream: upstreams.map(({ name }) => [name, name]),
    resource: [...new Set(tools.map(({ tool }) => tool))].map((tool) => [tool, tool]),
  };
}
