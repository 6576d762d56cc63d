/**
 * The roster: people, their accounts, and what a provider last said of each account, as the store holds them beside the
 * people of the configuration. Facts only, and immutable: what a provider's group means here is decided by the
 * configuration when a directory is made of both. Pure; nobody is ever removed from it, only made inactive.
 */
import type { Role } from '@countersign/core';

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
};

export const EMPTY_ROSTER: Roster = { people: new Map(), accounts: new Map(), memberships: new Map() };

/** One change, whole: people as they will be, accounts that are new, and accounts whose groups are these from now on. */
export type RosterEdit = {
  readonly people?: readonly RosterPerson[];
  readonly accounts?: readonly RosterAccount[];
  readonly memberships?: readonly { readonly account: string; readonly groups: readonly string[] }[];
};

/** Groups kept of one account. A provider that says more has its sign-in refused (I15). */
export const GROUPS_PER_ACCOUNT_MAX = 200;

/** @throws TypeError for an edit that would give one account two people: whoever built it did not look */
export function edited(roster: Roster, edit: RosterEdit): Roster {
  const people = new Map(roster.people);
  const accounts = new Map(roster.accounts);
  const memberships = new Map(roster.memberships);
  for (const person of edit.people ?? []) people.set(person.id, person);
  for (const account of edit.accounts ?? []) {
    const held = accounts.get(account.account);
    if (held !== undefined && held.person !== account.person)
      throw new TypeError('an account belongs to one person');
    accounts.set(account.account, account);
  }
  for (const { account, groups } of edit.memberships ?? []) {
    if (groups.length === 0) memberships.delete(account);
    else memberships.set(account, [...new Set(groups)].sort());
  }
  return { people, accounts, memberships };
}

export const accountsOf = (roster: Roster, person: string): readonly string[] =>
  [...roster.accounts.values()].filter((each) => each.person === person).map(({ account }) => account);
