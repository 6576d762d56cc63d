/**
 * The roster: people, their accounts, and what a provider last said of each account, as the store holds them beside the
 * people of the configuration. Facts only, and immutable: what a provider's group means here is decided by the
 * configuration when a directory is made of both. Pure; nobody is ever removed from it, only made inactive.
 */
import type { Role } from '@countersign/core';
import {
  type GroupEdit,
  NONE_PROVISIONED,
  type Provisioned,
  type ProvisionedGroup,
  type ProvisionedUser,
  scimAccount,
} from './provisioned.ts';

/** `oidc` and `scim` are the providers' ways in; both may know the same person. */
export type RosterSource = 'oidc' | 'scim';

export type RosterPerson = {
  readonly id: string;
  readonly name: string;
  /** For people to read, and to notice that one human is about to become two. Never decides who somebody is. */
  readonly email: string | null;
  readonly active: boolean;
  /** Given beside those that follow from the provider's groups. */
  readonly roles: readonly Role[];
  readonly source: RosterSource;
};

/** Somebody agreed that this account is this person's, beside what providers said and the configuration lists. */
export type AccountLink = {
  readonly id: string;
  /** By `accountKey`. */
  readonly account: string;
  readonly person: string;
  readonly at: number;
  readonly by: string;
};

/** They were one human until then, and for what was asked by then they still are (I4, A13). */
export type Parting = { readonly person: string; readonly account: string; readonly at: number };

export type Unlink = Parting & { readonly by: string };

export type RosterAccount = {
  readonly account: string;
  readonly person: string;
  readonly source: RosterSource;
};

export type Roster = {
  readonly people: ReadonlyMap<string, RosterPerson>;
  readonly accounts: ReadonlyMap<string, RosterAccount>;
  /** By account: the groups its provider last said, of those the configuration mentions. */
  readonly memberships: ReadonlyMap<string, readonly string[]>;
  /** By account, those in force. */
  readonly links: ReadonlyMap<string, AccountLink>;
  /** Those that were, as long as anything asked before can still be decided. */
  readonly parted: readonly Parting[];
  /** What was pushed over SCIM; the memberships of its users follow from its groups. */
  readonly provisioned: Provisioned;
};

export const EMPTY_ROSTER: Roster = {
  people: new Map(),
  accounts: new Map(),
  memberships: new Map(),
  links: new Map(),
  parted: [],
  provisioned: NONE_PROVISIONED,
};

/** One change, whole: people as they will be, accounts that are new, and accounts whose groups are these from now on. */
export type RosterEdit = {
  readonly people?: readonly RosterPerson[];
  readonly accounts?: readonly RosterAccount[];
  readonly memberships?: readonly { readonly account: string; readonly groups: readonly string[] }[];
  readonly linked?: readonly AccountLink[];
  readonly unlinked?: readonly Unlink[];
  readonly users?: readonly ProvisionedUser[];
  /** Users who were gone, and whose person has come back as another. */
  readonly forgotten_users?: readonly string[];
  readonly groups?: readonly GroupEdit[];
  readonly deleted_groups?: readonly string[];
};

/** Groups kept of one account. A provider that says more has its sign-in refused (I15). */
export const GROUPS_PER_ACCOUNT_MAX = 200;

/** @throws TypeError for an edit that would give one account two people: whoever built it did not look */
export function edited(roster: Roster, edit: RosterEdit): Roster {
  const draft = draftOf(roster);
  draft.add(edit);
  return draft.roster();
}

/** Many edits, each made of the roster the ones before it left: copied once, however many there are. */
export type Draft = {
  /** As it now is; what is added later changes it. */
  roster(): Roster;
  /** @throws TypeError as {@link edited} */
  add(edit: RosterEdit): void;
};

export function draftOf(roster: Roster): Draft {
  const people = copied(roster.people);
  const accounts = copied(roster.accounts);
  const memberships = copied(roster.memberships);
  const links = copied(roster.links);
  let parted = roster.parted;
  const users = copied(roster.provisioned.users);
  const groups = copied(roster.provisioned.groups);
  const say = (account: string, said: Iterable<string>): void => {
    const list = [...new Set(said)].sort();
    if (list.length === 0) memberships.own().delete(account);
    else memberships.own().set(account, list);
  };
  /** What a provisioned user is in, once `before` has become `after`. */
  const move = (before: ProvisionedGroup | undefined, after: ProvisionedGroup | undefined): void => {
    const renamed = before?.display_name !== after?.display_name;
    for (const user of new Set([...(before?.members ?? []), ...(after?.members ?? [])])) {
      const [was, is] = [before?.members.has(user) === true, after?.members.has(user) === true];
      if (was === is && !renamed) continue;
      const account = scimAccount((after ?? before)?.provider ?? '', user);
      const said = new Set(memberships.now().get(account) ?? []);
      if (was && before !== undefined) said.delete(before.display_name);
      if (is && after !== undefined) said.add(after.display_name);
      say(account, said);
    }
  };
  return {
    roster: () => ({
      people: people.now(),
      accounts: accounts.now(),
      memberships: memberships.now(),
      links: links.now(),
      parted,
      provisioned: { users: users.now(), groups: groups.now() },
    }),
    add(edit) {
      for (const { account, person } of edit.accounts ?? []) {
        const held = accounts.now().get(account);
        if (held !== undefined && held.person !== person)
          throw new TypeError('an account belongs to one person');
      }
      for (const person of edit.people ?? []) people.own().set(person.id, person);
      for (const account of edit.accounts ?? []) accounts.own().set(account.account, account);
      for (const { account, groups: said } of edit.memberships ?? []) say(account, said);
      for (const link of edit.linked ?? []) {
        if (links.now().has(link.account)) throw new TypeError('an account belongs to one person');
        links.own().set(link.account, link);
      }
      for (const { person, account, at } of edit.unlinked ?? []) {
        links.own().delete(account);
        parted = [...parted, { person, account, at }];
      }
      for (const user of edit.users ?? []) users.own().set(user.id, user);
      for (const user of edit.forgotten_users ?? []) users.own().delete(user);
      for (const { group } of edit.groups ?? []) {
        move(groups.now().get(group.id), group);
        groups.own().set(group.id, group);
      }
      for (const group of edit.deleted_groups ?? []) {
        move(groups.now().get(group), undefined);
        groups.own().delete(group);
      }
    },
  };
}

/** A map that is copied when it is first written to. */
function copied<K, V>(from: ReadonlyMap<K, V>): { now(): ReadonlyMap<K, V>; own(): Map<K, V> } {
  let own: Map<K, V> | undefined;
  return {
    now: () => own ?? from,
    own: () => {
      own ??= new Map(from);
      return own;
    },
  };
}

export const accountsOf = (roster: Roster, person: string): readonly string[] =>
  [...roster.accounts.values()].filter((each) => each.person === person).map(({ account }) => account);
