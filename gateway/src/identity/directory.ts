/**
 * The people and agents of one configuration, as an immutable snapshot. It never outlives a change: whoever commits
 * anything on its word names the authority epoch it belongs to (I8).
 */
import type { Directory, Person, Principal } from '@countersign/core';
import type { AgentConfig, Config } from '../config/config.ts';
import { hashCredential, kindOf } from './credential.ts';

export type Agent = { readonly id: string; readonly config: AgentConfig };

export type Agents = {
  get(id: string): Agent | undefined;
  all(): readonly Agent[];
  /** The agent whose key this is. Constant work per call: one hash, one look-up by it. */
  byKey(credential: string): AgentByKey;
};
export type AgentByKey =
  | { readonly agent: Agent; readonly hash: string }
  | { readonly reason: 'missing' | 'unknown' | 'wrong_kind' };

export function createDirectory(config: Config): Directory {
  const people = new Map<string, Person>();
  const accounts = new Map<string, Person>();
  for (const [id, { name, active, roles, accounts: names }] of Object.entries(config.people)) {
    const groups = Object.keys(config.groups).filter((group) => config.groups[group]?.includes(id));
    const person: Person = { id, name, active, roles, groups, accounts: names };
    people.set(id, person);
    for (const account of [id, ...names]) accounts.set(account.toLowerCase(), person);
  }
  return {
    person: (id) => people.get(id),
    personOfAccount: (account) => accounts.get(account.toLowerCase()),
    ownerOf: (agent) => (Object.hasOwn(config.agents, agent) ? config.agents[agent]?.owner : undefined),
    people: () => people.values(),
  };
}

export function createAgents(config: Config): Agents {
  const agents = new Map<string, Agent>();
  const byHash = new Map<string, Agent>();
  for (const [id, agentConfig] of Object.entries(config.agents)) {
    const agent: Agent = { id, config: agentConfig };
    agents.set(id, agent);
    for (const hash of agentConfig.keys) byHash.set(hash, agent);
  }
  return {
    get: (id) => agents.get(id),
    all: () => [...agents.values()],
    byKey(credential) {
      if (credential === '') return { reason: 'missing' };
      const kind = kindOf(credential);
      if (kind !== undefined && kind !== 'agent') return { reason: 'wrong_kind' };
      const hash = kind === undefined ? undefined : hashCredential(credential);
      const agent = hash === undefined ? undefined : byHash.get(hash);
      return agent === undefined || hash === undefined ? { reason: 'unknown' } : { agent, hash };
    },
  };
}

/** An agent acting for itself: the subject is the agent, there is no `act`, and the owner is never the subject. */
export function principalOf(agent: Agent, tenant: string): Principal {
  return {
    tenant,
    agent: agent.id,
    owner: agent.config.owner ?? null,
    team: agent.config.team ?? null,
    subject: { type: 'agent', id: agent.id },
  };
}
