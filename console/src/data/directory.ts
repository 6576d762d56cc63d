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

/** What the gateway calls itself where a change of what decides is asked for. */
const OWN = 'countersign';
/** Changes that wait for operators: of tools, people, the configuration, the policy. */
export const changesQuery = queryOptions({
  queryKey: ['requests', 'waiting', 'changes'],
  queryFn: async () => (await gate.requests.list({ status: 'pending', upstream: OWN, limit: 100 })).items,
});
/** The newest calls of one agent: what it asked, what came of it, and which rules said so. */
export const callsOfQuery = (agent: string) =>
  queryOptions({
    queryKey: ['calls', 'of', agent],
    queryFn: async () => (await gate.calls.list({ agent, limit: 100 })).items,
  });
/** One's own accounts; for operators and auditors another person's. */
export const accountsOfQuery = (person: string) =>
  queryOptions({
    queryKey: ['accounts', person],
    queryFn: async () => (await gate.accounts.list({ person, limit: 100 })).items,
  });
/** What an agent may do now: asked anew whenever somebody looks, and never shown from before. */
export const agentPolicyQuery = (agent: string) =>
  queryOptions({
    queryKey: ['agents', agent, 'policy'],
    queryFn: () => gate.agents.policy(agent),
    staleTime: 0,
    refetchInterval: NEWER_MS,
  });
/** What a person may review now. */
export const personPolicyQuery = (person: string) =>
  queryOptions({
    queryKey: ['people', person, 'policy'],
    queryFn: () => gate.reviewers.policy(person),
    staleTime: 0,
    refetchInterval: NEWER_MS,
  });
/** A policy changes while somebody looks, and nothing tells of it. */
const NEWER_MS = 15_000;
