/**
 * The people and agents of one configuration and roster, as an immutable snapshot. It never outlives a change: whoever commits
 * anything on its word names the authority epoch it belongs to (I8).
 */
import type { Directory, Person, Principal } from '@countersign/core';
import { type AgentKeyConfig, type AgentLimits, hasExpired, keysOf } from '../config/agents.ts';
import type { AgentConfig, Config } from '../config/config.ts';
import { accountKey } from '../config/sign-in.ts';
import { hashCredential, kindOf } from './credential.ts';
import { doublesOf } from './roster/doubles.ts';
import { asideFor, groupsSaid, listedAccounts, providersOf } from './roster/meaning.ts';
import { partedOf } from './roster/partings.ts';
import { scimProviderOf, suspended } from './roster/provisioned.ts';
import { meantOf } from './roster/remembered.ts';
import type { Roster } from './roster/roster.ts';
import { createWorkloads, type Workloads } from './workload/rules.ts';

export type Agent = {
  readonly id: string;
  readonly config: AgentConfig;
  /** By hash. */
  readonly keys: ReadonlyMap<string, AgentKeyConfig>;
};

export type Agents = {
  get(id: string): Agent | undefined;
  all(): readonly Agent[];
  /** The agent whose key this is. Constant work per call: one hash, one look-up by it. */
  byKey(credential: string, now: number): AgentByKey;
  /** Whose tokens make agents, and which. */
  readonly workloads: Workloads;
  /** What an agent may use, whether it is configured or made by tokens. */
  limitsOf(id: string): AgentLimits | undefined;
  /** What the names of all agents like it begin with, where tokens make them as they please; undefined: it is one of its own. */
  madeLike(id: string): string | undefined;
};
export type AgentByKey =
  | { readonly agent: Agent; readonly hash: string }
  | { readonly reason: 'missing' | 'unknown' | 'wrong_kind' | 'expired' };

/**
 * The people of the configuration and of the roster. An account belongs to one person: whom the configuration lists it
 * under, whom it was linked to here, or whom a provider made known by it, in this order. Somebody of the roster whose
 * account, or e-mail address, is another's stands aside: inactive, and for separation of duties one with them (I4). What a
 * provider pushed for somebody counts for them either way: one that says they are not active is enough.
 */
export function createDirectory(config: Config, roster: Roster): Directory {
  const people = new Map<string, Person>();
  const accounts = new Map<string, Person>();
  const providers = providersOf(config);
  const groupsIn = membersByPerson(config.groups);
  const out = suspended(roster.provisioned);
  const held = accountsByPerson(roster);
  const listed = listedAccounts(config, roster);
  const linked = linksByPerson(roster);
  const aside = asideFor(roster, listed);
  const pushed = pushedFor(aside, held, out);
  for (const [id, { name, active, roles, accounts: own }] of Object.entries(config.people)) {
    const more = pushed.get(id);
    const names = unique([...own, ...(linked.get(id) ?? [])]);
    const said = groupsSaid(providers, roster, [...names, ...(more?.accounts ?? [])]);
    const groups = unique([...(groupsIn.get(id) ?? []), ...said]);
    const person: Person = {
      id,
      name,
      active: active && more?.suspended !== true,
      roles,
      groups,
      accounts: names,
    };
    people.set(id, person);
    for (const account of [id, ...names]) accounts.set(accountKey(account), person);
  }
  const known = (person: Person, keys: readonly string[]): void => {
    for (const key of [accountKey(person.id), ...keys]) if (!accounts.has(key)) accounts.set(key, person);
  };
  const standAside: (() => void)[] = [];
  for (const [id, names] of held) {
    const one = roster.people.get(id);
    if (one === undefined) continue;
    const more = pushed.get(id);
    const all = [...names, ...(linked.get(id) ?? []), ...(more?.accounts ?? [])];
    const meant = meantOf({ config, providers, roster }, one, all);
    const other = (address: string): boolean => (listed.get(address) ?? id) !== id;
    const away = aside.has(id) || meant.addresses.some(other);
    const person: Person = {
      id,
      name: one.name,
      // Somebody without any role is nobody here, and sees nothing.
      active: one.active && !out.has(id) && more?.suspended !== true && !away && meant.roles.length > 0,
      roles: meant.roles,
      groups: meant.groups,
      accounts: meant.accounts,
    };
    people.set(id, person);
    const human = aside.get(id);
    if (human === undefined) known(person, meant.keys);
    else
      standAside.push(() => {
        const stood = people.get(human) ?? person;
        for (const key of [accountKey(id), ...meant.keys]) if (!accounts.has(key)) accounts.set(key, stood);
      });
  }
  for (const each of standAside) each();
  const ruled = ownersByRule(config);
  const named = {
    personOfAccount: (account: string) => accounts.get(accountKey(account)),
    mayAlsoBe: doublesOf(people, roster),
  };
  const onceAlso = partedOf(roster.parted, named);
  return {
    person: (id) => people.get(id),
    ...named,
    ...(onceAlso === undefined ? {} : { onceAlso }),
    ownerOf(agent) {
      if (Object.hasOwn(config.agents, agent)) return config.agents[agent]?.owner;
      const owner = ruled.get(agent);
      return owner === undefined ? undefined : (accounts.get(accountKey(owner))?.id ?? owner);
    },
    people: () => people.values(),
  };
}

/** Owners of agents that rules name whole. Of one named by claims only its token knows the owner. */
const ownersByRule = ({ workload_identity }: Config): ReadonlyMap<string, string> =>
  new Map(
    workload_identity
      .flatMap(({ agents }) => agents)
      .flatMap(({ agent, owner }): [string, string][] =>
        owner === undefined || agent.includes('{') || owner.includes('{') ? [] : [[agent, owner]],
      ),
  );

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

function linksByPerson({ links }: Roster): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { account, person } of links.values()) {
    const mine = found.get(person);
    if (mine === undefined) found.set(person, [account]);
    else mine.push(account);
  }
  return found;
}

type Pushed = { readonly accounts: readonly string[]; readonly suspended: boolean };

/** What was pushed for somebody under an account that is another's: never found by an e-mail address (A13). */
function pushedFor(
  aside: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, readonly string[]>,
  out: ReadonlySet<string>,
): ReadonlyMap<string, Pushed> {
  const found = new Map<string, Pushed>();
  for (const [person, human] of aside) {
    const before = found.get(human);
    const pushed = (held.get(person) ?? []).filter((each) => scimProviderOf(each) !== undefined);
    found.set(human, {
      accounts: [...(before?.accounts ?? []), ...pushed],
      suspended: before?.suspended === true || out.has(person),
    });
  }
  return found;
}

export function createAgents(config: Config): Agents {
  const agents = new Map<string, Agent>();
  const byHash = new Map<string, Agent>();
  for (const [id, agentConfig] of Object.entries(config.agents)) {
    const keys = new Map(keysOf(agentConfig).map((key) => [key.hash, key]));
    const agent: Agent = { id, config: agentConfig, keys };
    agents.set(id, agent);
    for (const hash of keys.keys()) byHash.set(hash, agent);
  }
  const workloads = createWorkloads(config);
  return {
    get: (id) => agents.get(id),
    all: () => [...agents.values()],
    byKey(credential, now) {
      if (credential === '') return { reason: 'missing' };
      const kind = kindOf(credential);
      if (kind !== undefined && kind !== 'agent') return { reason: 'wrong_kind' };
      const hash = kind === undefined ? undefined : hashCredential(credential);
      const agent = hash === undefined ? undefined : byHash.get(hash);
      if (agent === undefined || hash === undefined) return { reason: 'unknown' };
      return holds(agent, hash, now) ? { agent, hash } : { reason: 'expired' };
    },
    workloads,
    limitsOf: (id) => agents.get(id)?.config ?? workloads.limitsOf(id),
    madeLike: (id) => (agents.has(id) ? undefined : workloads.madeLike(id)),
  };
}

/** The key is one of this agent's, and its time has not run out. */
export function holds(agent: Agent, hash: string, now: number): boolean {
  const key = agent.keys.get(hash);
  return key !== undefined && !hasExpired(key, now);
}

/** An agent acting for itself: the subject is the agent, there is no `act`, and the owner is never the subject. */
export function principalOf(agent: Agent, tenant: string): Principal {
  return {
    tenant,
    agent: agent.id,
    owner: agent.config.owner ?? null,
    team: agent.config.team ?? null,
    subject: { id: agent.id, type: 'agent' },
  };
}
