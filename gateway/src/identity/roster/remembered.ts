/**
 * What the configuration makes of each person of the roster, remembered for as long as nothing it rests on is another: one
 * of thousands changes at a time, and every change makes a directory anew. Remembering decides nothing: what is found is
 * what would be made.
 */
import type { Role } from '@countersign/core';
import type { Config } from '../../config/config.ts';
import { accountKey } from '../../config/sign-in.ts';
import { groupsSaid, type Providers, rolesOf } from './meaning.ts';
import type { Roster, RosterPerson } from './roster.ts';

export type Meant = {
  readonly accounts: readonly string[];
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** The accounts as they are looked up, in their order. */
  readonly keys: readonly string[];
  /** What somebody of the configuration may list of the e-mail address. */
  readonly addresses: readonly string[];
};

type Remembered = {
  readonly config: Config;
  /** What was said of each account, in their order. */
  readonly said: readonly (readonly string[] | undefined)[];
  readonly meant: Meant;
};

/** By the very object: a person who changes is another one. Nobody is kept who is in no roster any more. */
const remembered = new WeakMap<RosterPerson, Remembered>();

export type Asked = { readonly config: Config; readonly providers: Providers; readonly roster: Roster };

export function meantOf(
  { config, providers, roster }: Asked,
  person: RosterPerson,
  accounts: readonly string[],
): Meant {
  const said = accounts.map((account) => roster.memberships.get(account));
  const before = remembered.get(person);
  if (before?.config === config && same(before.said, said) && same(before.meant.accounts, accounts))
    return before.meant;
  const address = person.email?.toLowerCase();
  const meant: Meant = {
    accounts,
    roles: rolesOf(providers, roster, { person, accounts }),
    groups: [...new Set(groupsSaid(providers, roster, accounts))],
    keys: accounts.map(accountKey),
    addresses: address === undefined ? [] : [address, `email:${address}`],
  };
  remembered.set(person, { config, said, meant });
  return meant;
}

/** What was said is compared as the object it is: a new list for an account is a new saying. */
const same = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at]);
