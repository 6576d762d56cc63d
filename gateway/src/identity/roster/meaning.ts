/**
 * What the roster's facts mean under one configuration: whose an account is, which groups and roles follow from what a
 * provider said. Pure. The configuration wins: an account it lists is its person's, whatever the roster says.
 */
import type { Role } from '@countersign/core';
import type { Config } from '../../config/config.ts';
import { accountKey, issuerOf, type OidcConfig } from '../../config/sign-in.ts';
import { scimProviderOf } from './provisioned.ts';
import type { Roster, RosterPerson } from './roster.ts';

/** Accounts the configuration lists, by {@link accountKey}, with their person. */
export function configuredAccounts(config: Config): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [person, { accounts }] of Object.entries(config.people)) {
    for (const account of accounts) found.set(accountKey(account), person);
  }
  return found;
}

/** Whose account this is, exactly as spelled; never by e-mail. */
export function holderOf(config: Config, roster: Roster, account: string): string | undefined {
  return configuredAccounts(config).get(accountKey(account)) ?? roster.accounts.get(account)?.person;
}

/** Somebody who already is a person here under this e-mail address: the same human would become two (A13). */
export function sameEmail(config: Config, roster: Roster, email: string): string | undefined {
  const wanted = email.toLowerCase();
  const listed = configuredAccounts(config);
  const configured = listed.get(wanted) ?? listed.get(`email:${wanted}`);
  if (configured !== undefined) return configured;
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

/** What cannot be served: one person of the roster would be two of the configuration. */
export function conflictsOf(config: Config, roster: Roster): readonly string[] {
  const listed = configuredAccounts(config);
  const claims = new Map<string, Set<string>>();
  for (const { account, person } of roster.accounts.values()) {
    const by = listed.get(accountKey(account));
    if (by !== undefined) claims.set(person, (claims.get(person) ?? new Set()).add(by));
  }
  return [...claims].flatMap(([person, by]) =>
    by.size < 2
      ? []
      : [
          `people: ${[...by].join(' and ')} list accounts of one person (${person}); an account’s person is one human, so list them under one`,
        ],
  );
}
