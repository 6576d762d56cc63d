/**
 * The people and agents of one configuration and roster, as an immutable snapshot. It never outlives a change: whoever commits
 * anything on its word names the authority epoch it belongs to (I8).
 */
import type { Directory, Person, Principal } from '@countersign/core';
import type { AgentConfig, Config } from '../config/config.ts';
import { accountKey } from '../config/sign-in.ts';
import { hashCredential, kindOf } from './credential.ts';
import { groupsSaid, providersOf, rolesOf } from './roster/meaning.ts';
import type { Roster } from './roster/roster.ts';

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

/**
 * The people of the configuration and of the roster. Where both know a human — the configuration lists an account the
 * roster has, or the e-mail address — the configuration's person is the one, and the roster's stands aside: inactive,
 * and for separation of duties one with them (I4).
 */
export function createDirectory(config: Config, roster: Roster): Directory {
  const people = new Map<string, Person>();
  const accounts = new Map<string, Person>();
  const providers = providersOf(config);
  const groupsIn = membersByPerson(config.groups);
  for (const [id, { name, active, roles, accounts: names }] of Object.entries(config.people)) {
    const groups = unique([...(groupsIn.get(id) ?? []), ...groupsSaid(providers, roster, names)]);
    const person: Person = { id, name, active, roles, groups, accounts: names };
    people.set(id, person);
    for (const account of [id, ...names]) accounts.set(accountKey(account), person);
  }
  for (const [id, names] of accountsByPerson(roster)) {
    const held = roster.people.get(id);
    if (held === undefined) continue;
    const listed = names.map((account) => accounts.get(accountKey(account))).find((one) => one !== undefined);
    const email = held.email === null ? [] : [held.email.toLowerCase(), `email:${held.email.toLowerCase()}`];
    const aside = listed !== undefined || email.some((account) => accounts.has(account));
    const roles = rolesOf(providers, roster, { person: held, accounts: names });
    const person: Person = {
      id,
      name: held.name,
      // Somebody without any role is nobody here, and sees nothing.
      active: held.active && !aside && roles.length > 0,
      roles,
      groups: unique(groupsSaid(providers, roster, names)),
      accounts: names,
    };
    people.set(id, person);
    for (const account of [id, ...names]) {
      const key = accountKey(account);
      if (!accounts.has(key)) accounts.set(key, listed ?? person);
    }
  }
  return {
    person: (id) => people.get(id),
    personOfAccount: (account) => accounts.get(accountKey(account)),
    ownerOf: (agent) => (Object.hasOwn(config.agents, agent) ? config.agents[agent]?.owner : undefined),
    people: () => people.values(),
  };
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)];

function membersByPerson(groups: Config['groups']): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [group, members] of Object.entries(groups)) {
    for (const member of new Set(members)) {
      const mine = found.get(member) ?? [];
      mine.push(group);
      found.set(member, mine);
    }
  }
  return found;
}

function accountsByPerson(roster: Roster): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>([...roster.people.keys()].map((id) => [id, []]));
  for (const { account, person } of roster.accounts.values()) found.get(person)?.push(account);
  return found;
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
