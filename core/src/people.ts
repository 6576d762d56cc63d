/**
 * People and the agents they own, as the directory knows them at one moment. A person is one human however many
 * accounts they have; groups and accounts never count, people do (I4).
 */
import { actChain, type Principal } from './evaluation.ts';
import type { By } from './requirement.ts';

export type Role = 'reviewer' | 'operator' | 'auditor';

export type Person = {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** Other names this person has: OIDC subjects, chat ids, e-mail addresses. Each belongs to exactly one person. */
  readonly accounts: readonly string[];
};

export type Directory = {
  person(id: string): Person | undefined;
  /** The person an account (or a person id) belongs to. */
  personOfAccount(account: string): Person | undefined;
  /** Whom a name may well mean besides, told from what identifies nobody: an e-mail address. It bars people, and lets nobody do anything. */
  mayAlsoBe?(account: string): readonly string[];
  /**
   * Who was one human with this name at some time since, and is not any more: an account was unlinked. It bars people from
   * what was asked by then, and lets nobody do anything: to be taken apart frees nobody (A13).
   */
  onceAlso?(name: string, since: number): readonly string[];
  /** The owner of an agent, if it has one. */
  ownerOf(agent: string): string | undefined;
  people(): Iterable<Person>;
};

export function isSeatedBy(person: Person, by: By): boolean {
  if (by === 'anyone') return true;
  if (by === 'role:operator') return person.roles.includes('operator');
  if (by.startsWith('group:')) return person.groups.includes(by.slice('group:'.length));
  if (by.startsWith('outside:')) return !person.groups.includes(by.slice('outside:'.length));
  return by === `person:${person.id}`;
}

export type Responsibility = 'subject' | 'owner' | 'act_chain';

/**
 * The seat of an operator does not pass on to whoever sits in for them: the role does not (I13). Nor does one outside a
 * group: to be outside it is asked of whoever answers, or a group would review itself in an outsider's name (A13).
 */
export const canBeSatIn = (absent: Person, by: By): boolean =>
  by !== 'role:operator' && !by.startsWith('outside:') && isSeatedBy(absent, by);

/**
 * Whom a name makes responsible for what was asked at `since`. One nobody has still counts as it is, so that a later link
 * cannot free anyone.
 */
export const namedBy = (account: string, directory: Directory, since: number): readonly string[] => [
  directory.personOfAccount(account)?.id ?? account,
  ...(directory.mayAlsoBe?.(account) ?? []),
  ...(directory.onceAlso?.(account, since) ?? []),
];

/**
 * Everyone responsible for an action asked at `since`, by person id, and how: the subject, the agent's owner, owners and
 * people along the `act` chain.
 */
export function responsibleFor(
  principal: Principal,
  directory: Directory,
  since: number,
): ReadonlyMap<string, Responsibility> {
  const found = new Map<string, Responsibility>();
  const add = (account: string | null | undefined, as: Responsibility): void => {
    if (account === null || account === undefined) return;
    for (const id of namedBy(account, directory, since)) if (!found.has(id)) found.set(id, as);
  };
  // The subject's id is looked up whatever its type says: a person's account used as an agent id is still that person.
  add(principal.subject.id, 'subject');
  add(principal.owner, 'owner');
  for (const agent of [principal.agent, ...actChain(principal.act)]) {
    add(directory.ownerOf(agent), agent === principal.agent ? 'owner' : 'act_chain');
    add(agent, 'act_chain');
  }
  // Who passed it on may be a person of the issuer that says so, signed in here under that name.
  for (let link = principal.act; link !== undefined; link = link.act)
    add(`oidc:${link.iss}#${link.sub}`, 'act_chain');
  return found;
}
