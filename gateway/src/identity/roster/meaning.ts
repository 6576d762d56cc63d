/**
 * What the roster's facts mean under one configuration: whose an account is, which groups and roles follow from what a
 * provider said. Pure. The configuration wins: an account it lists is its person's, whatever the roster says.
 */
import type { Role } from '@countersign/core';
import type { Config } from '../../config/config.ts';
import { accountKey, issuerOf, type OidcConfig } from '../../config/sign-in.ts';
import { scimProviderOf } from './provisioned.ts';
import { accountsOf, type Roster, type RosterPerson } from './roster.ts';

/** Accounts the configuration lists, by {@link accountKey}, with their person. */
export function configuredAccounts(config: Pick<Config, 'people'>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [person, { accounts }] of Object.entries(config.people)) {
    for (const account of accounts) found.set(accountKey(account), person);
  }
  return found;
}

/**
 * Accounts that stood under somebody and do not any more. Taking one out of the file is unlinking it: it frees nobody from
 * what was asked before (A13).
 */
export function takenFrom(
  before: Pick<Config, 'people'>,
  after: Pick<Config, 'people'>,
): readonly { readonly person: string; readonly account: string }[] {
  const now = configuredAccounts(after);
  return [...configuredAccounts(before)]
    .filter(([account, person]) => now.get(account) !== person)
    .map(([account, person]) => ({ person, account }));
}

/** Every issuer an account may name. */
export const issuersOf = ({ sign_in, workload_identity }: Config): readonly string[] =>
  [...Object.values(sign_in.oidc), ...workload_identity].map(({ issuer }) => issuer);

/** Accounts people were given, by {@link accountKey}: those of the configuration, then those that were linked here. */
export function listedAccounts(config: Config, roster: Roster): ReadonlyMap<string, string> {
  const configured = configuredAccounts(config);
  if (roster.links.size === 0) return configured;
  const found = new Map(configured);
  for (const { account, person } of roster.links.values())
    if (!found.has(account)) found.set(account, person);
  return found;
}

/**
 * People of the roster who stand aside, each for whoever one of their accounts was given to: that one is the human. What
 * was given to them is given on (I4).
 */
export function asideFor(roster: Roster, listed: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { account, person } of roster.accounts.values()) {
    const given = listed.get(accountKey(account));
    if (given !== undefined && given !== person && !first.has(person)) first.set(person, given);
  }
  const last = (person: string): string => {
    const seen = new Set([person]);
    let at = person;
    for (let next = first.get(at); next !== undefined && !seen.has(next); next = first.get(at)) {
      seen.add(next);
      at = next;
    }
    return at;
  };
  return new Map([...first.keys()].map((person) => [person, last(person)]));
}

/** Everything that counts as theirs: what they are known by here, what was linked to them, and what a provider pushed for who stands aside. */
export function accountsCounted(config: Config, roster: Roster, person: string): readonly string[] {
  const aside = asideFor(roster, listedAccounts(config, roster));
  const pushed = [...roster.accounts.values()]
    .filter((each) => aside.get(each.person) === person && scimProviderOf(each.account) !== undefined)
    .map(({ account }) => account);
  const linked = [...roster.links.values()].filter((link) => link.person === person);
  return [...accountsOf(roster, person), ...linked.map(({ account }) => account), ...pushed];
}

/** Whose account this is, exactly as spelled; never by e-mail. */
export function holderOf(config: Config, roster: Roster, account: string): string | undefined {
  const listed = listedAccounts(config, roster);
  const given = listed.get(accountKey(account));
  if (given === undefined) return roster.accounts.get(account)?.person;
  return asideFor(roster, listed).get(given) ?? given;
}

/** Somebody who already is a person here under this e-mail address: the same human would become two (A13). */
export function sameEmail(config: Config, roster: Roster, email: string): string | undefined {
  const wanted = email.toLowerCase();
  const listed = listedAccounts(config, roster);
  const given = listed.get(wanted) ?? listed.get(`email:${wanted}`);
  if (given !== undefined) return given;
  return [...roster.people.values()].find((person) => person.email?.toLowerCase() === wanted)?.id;
}

/** What a provider's groups mean here, whichever way it says them. */
export type GroupMeaning = Pick<OidcConfig, 'groups' | 'roles'>;

export type Providers = {
  /** The provider an account is at. */
  of(account: string): GroupMeaning | undefined;
};

export function providersOf(config: Config): Providers {
  const byIssuer = new Map(Object.values(config.sign_in.oidc).map((provider) => [provider.issuer, provider]));
  return {
    of: (account) => {
      const pushed = scimProviderOf(account);
      if (pushed !== undefined) return Object.hasOwn(config.scim, pushed) ? config.scim[pushed] : undefined;
      const issuer = issuerOf(account);
      return issuer === undefined ? undefined : byIssuer.get(issuer);
    },
  };
}

/** Our groups, from what was said of these accounts by providers that are still configured. */
export function groupsSaid(
  providers: Providers,
  roster: Roster,
  accounts: readonly string[],
): readonly string[] {
  return accounts.flatMap((account) => {
    const mapped = providers.of(account)?.groups ?? {};
    const said = roster.memberships.get(account) ?? [];
    return said
      .flatMap((group) => (Object.hasOwn(mapped, group) ? [mapped[group] ?? ''] : []))
      .filter(Boolean);
  });
}

/** What a provider's groups make of somebody it may create. */
export function rolesSaid(provider: GroupMeaning, groups: readonly string[]): readonly Role[] {
  const { reviewer, auditor, operator } = provider.roles;
  const has = (named: readonly string[]): boolean =>
    named.some((group) => group === '*' || groups.includes(group));
  return (Object.entries({ reviewer, operator, auditor }) as [Role, readonly string[]][])
    .filter(([, named]) => has(named))
    .map(([role]) => role);
}

/** Of the groups a provider says, those this configuration gives a meaning: nothing else is kept. */
export function meantGroups(provider: OidcConfig, said: readonly string[]): readonly string[] {
  const { groups, roles } = provider;
  const meant = new Set([...Object.keys(groups), ...roles.reviewer, ...roles.auditor, ...roles.operator]);
  return [...new Set(said)].filter((group) => group !== '*' && meant.has(group)).sort();
}

/** The roles of somebody of the roster, as things stand. */
export function rolesOf(
  providers: Providers,
  roster: Roster,
  { person, accounts }: { readonly person: RosterPerson; readonly accounts: readonly string[] },
): readonly Role[] {
  const said = accounts.flatMap((account) => {
    const provider = providers.of(account);
    return provider === undefined ? [] : rolesSaid(provider, roster.memberships.get(account) ?? []);
  });
  return [...new Set([...person.roles, ...said])];
}

/** What cannot be served: an account, or one person of the roster, would be two people's. */
export function conflictsOf(config: Config, roster: Roster): readonly string[] {
  const configured = configuredAccounts(config);
  const listed = listedAccounts(config, roster);
  const claims = new Map<string, Set<string>>();
  for (const { account, person } of roster.accounts.values()) {
    const by = listed.get(accountKey(account));
    if (by !== undefined && by !== person) claims.set(person, (claims.get(person) ?? new Set()).add(by));
  }
  return [
    ...[...roster.links.values()].flatMap(({ account, person }) => {
      const other = configured.get(account);
      return other === undefined || other === person
        ? []
        : [
            `people.${other}.accounts: “${account}” is linked to ${person}; an account belongs to one person: unlink it first (countersign people unlink ${person} --account ${account})`,
          ];
    }),
    ...[...claims].flatMap(([person, by]) =>
      by.size < 2
        ? []
        : [
            `people: ${[...by].join(' and ')} each have an account of one person (${person}); an account’s person is one human, so list and link them under one`,
          ],
    ),
  ];
}
