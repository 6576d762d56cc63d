/**
 * Who somebody a provider vouches for is here, and what their sign-in changes. Known by (issuer, subject) alone: an
 * e-mail address links nobody to anybody, it only stops one human from becoming two (I4, A13). Pure.
 */
import type { World } from '../../authority/changes.ts';
import type { OidcConfig } from '../../config/sign-in.ts';
import type { RosterChange } from '../roster/changes.ts';
import { accountsCounted, holderOf, providersOf, rolesOf, rolesSaid, sameEmail } from '../roster/meaning.ts';
import { edited, type RosterPerson } from '../roster/roster.ts';
import type { FailureReason } from './failure.ts';
import type { Identity } from './provider/claims.ts';

/** What to change first, whoever is then refused: a group that was lost is lost. */
export type Recognised = {
  readonly change: RosterChange | undefined;
  readonly outcome: { readonly person: string } | { readonly refused: FailureReason };
};

export type AtSignIn = {
  readonly provider: OidcConfig;
  readonly provider_id: string;
  readonly identity: Identity;
  /** For somebody who is created. */
  readonly new_id: string;
  readonly people_max: number;
};

export function recognise(world: World, signing: AtSignIn): Recognised {
  const holder = holderOf(world.config, world.roster, signing.identity.account);
  if (holder === undefined) return arrive(world, signing);
  const configured = world.config.people[holder];
  if (configured !== undefined) {
    const change = saidAnew(world, signing, { person: holder });
    return { change, outcome: configured.active ? { person: holder } : { refused: 'inactive' } };
  }
  const held = world.roster.people.get(holder);
  if (held === undefined) return { change: undefined, outcome: { refused: 'inactive' } };
  const own = world.roster.accounts.get(signing.identity.account)?.person === holder;
  return own ? comeBack(world, signing, held) : comeByLink(world, signing, held);
}

/** By an account that was linked to them: their name and address stay those they are known by. */
function comeByLink(world: World, signing: AtSignIn, held: RosterPerson): Recognised {
  const change = saidAnew(world, signing, { person: held.id });
  const refused = refusalOf(world, change, held);
  return { change, outcome: refused === undefined ? { person: held.id } : { refused } };
}

function refusalOf(
  { config, roster }: World,
  change: RosterChange | undefined,
  held: RosterPerson,
): FailureReason | undefined {
  if (!held.active) return 'inactive';
  const after = change === undefined ? roster : edited(roster, change.edit);
  const accounts = accountsCounted(config, after, held.id);
  return rolesOf(providersOf(config), after, { person: held, accounts }).length === 0 ? 'no_role' : undefined;
}

/** Somebody nobody here knows yet. */
function arrive({ config, roster }: World, signing: AtSignIn): Recognised {
  const { provider, provider_id, identity, new_id, people_max } = signing;
  const refuse = (refused: FailureReason): Recognised => ({ change: undefined, outcome: { refused } });
  if (identity.email !== null && sameEmail(config, roster, identity.email) !== undefined)
    return refuse('same_email');
  if (!provider.create) return refuse('no_account');
  const roles = rolesSaid(provider, identity.groups);
  if (roles.length === 0) return refuse('no_role');
  if (roster.people.size >= people_max) return refuse('roster_full');
  const { account, name, email, groups } = identity;
  const person: RosterPerson = { id: new_id, name, email, active: true, roles: [], source: 'oidc' };
  return {
    change: {
      edit: {
        people: [person],
        accounts: [{ account, person: new_id, source: 'oidc' }],
        memberships: [{ account, groups }],
      },
      person: new_id,
      predicate: { change: 'person created', person: new_id, by_provider: provider_id, groups, roles },
    },
    outcome: { person: new_id },
  };
}

function comeBack(world: World, signing: AtSignIn, held: RosterPerson): Recognised {
  const { config, roster } = world;
  const { identity } = signing;
  const other =
    identity.email === null || identity.email === held.email
      ? undefined
      : sameEmail(config, roster, identity.email);
  const moved = other !== undefined && other !== held.id;
  const next: RosterPerson = { ...held, name: identity.name, email: moved ? held.email : identity.email };
  const change = saidAnew(world, signing, { person: held.id, held, next });
  const refused = refusalOf(world, change, held);
  if (refused === 'inactive') return { change, outcome: { refused } };
  if (moved) return { change, outcome: { refused: 'same_email' } };
  return { change, outcome: refused === undefined ? { person: held.id } : { refused } };
}

type Subject = { readonly person: string; readonly held?: RosterPerson; readonly next?: RosterPerson };

/** What the provider says now and did not say before. */
function saidAnew(
  { roster }: World,
  signing: AtSignIn,
  { person, held, next }: Subject,
): RosterChange | undefined {
  const { identity, provider_id } = signing;
  const before = roster.memberships.get(identity.account) ?? [];
  const joined = identity.groups.filter((group) => !before.includes(group));
  const left = before.filter((group) => !identity.groups.includes(group));
  const renamed = next !== undefined && (next.name !== held?.name || next.email !== held?.email);
  if (joined.length === 0 && left.length === 0 && !renamed) return undefined;
  return {
    edit: {
      ...(renamed ? { people: [next] } : {}),
      memberships: [{ account: identity.account, groups: identity.groups }],
    },
    person,
    predicate: {
      change: 'person changed',
      person,
      by_provider: provider_id,
      joined,
      left,
      ...(renamed ? { renamed } : {}),
    },
  };
}
