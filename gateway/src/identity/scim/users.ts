/**
 * Who a pushed user is here, and what a push changes of them. Known by the user's own id, and where the configuration
 * links the provider to sign-in, by the account people sign in with there; never by e-mail address (I4, A13). Pure.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '@countersign/core';
import type { World } from '../../authority/changes.ts';
import type { ScimProviderConfig } from '../../config/scim.ts';
import { accountKey, oidcAccount } from '../../config/sign-in.ts';
import { listedAccounts } from '../roster/meaning.ts';
import { type Profile, type ProvisionedUser, scimAccount, type UserState } from '../roster/provisioned.ts';
import type { RosterAccount, RosterEdit, RosterPerson } from '../roster/roster.ts';
import type { Made } from './batches.ts';
import { refused, ScimFailure } from './failure.ts';

/** A user as the provider writes it, of what is kept. */
export type UserWritten = {
  readonly user_name: string;
  readonly external_id: string | null;
  readonly active: boolean;
  readonly profile: Profile;
};

export type Pushing = {
  readonly provider: string;
  readonly at: number;
  readonly people_max: number;
};

/** @throws ScimFailure */
export function settingsOf({ config }: World, provider: string): ScimProviderConfig {
  const settings = Object.hasOwn(config.scim, provider) ? config.scim[provider] : undefined;
  if (settings === undefined) throw new ScimFailure(401, 'this provider is no longer configured');
  return settings;
}

export const isLiveOf =
  (provider: string) =>
  (user: ProvisionedUser): boolean =>
    user.provider === provider && user.state !== 'gone';

/** @throws ScimFailure */
export function liveUser({ roster }: World, provider: string, id: string): ProvisionedUser {
  const held = roster.provisioned.users.get(id);
  if (held === undefined || !isLiveOf(provider)(held)) throw new ScimFailure(404, 'there is no such user');
  return held;
}

export type NewUser = Pushing & {
  readonly written: UserWritten;
  readonly id: string;
  /** For a person nobody here knows yet. */
  readonly new_person: string;
};

export function createUser(world: World, pushed: NewUser): Made<ProvisionedUser> {
  const { provider, written, id, at } = pushed;
  checkUnique(world, { provider, written });
  checkLink(world, provider);
  const signsIn = signInAccount(world, provider, written);
  const holder = signsIn === undefined ? undefined : world.roster.accounts.get(signsIn)?.person;
  const former = formerOf(world, provider, written);
  const person = holder ?? former?.person ?? pushed.new_person;
  const known = world.roster.people.get(person);
  if (known === undefined && world.roster.people.size >= pushed.people_max)
    throw refused(
      'tooMany',
      `people_max: at most ${pushed.people_max} people are kept; raise limits.people_max`,
    );
  checkEmail(world, { person, signsIn, email: emailOf(written.profile) });
  const user: ProvisionedUser = {
    ...factsOf(written),
    id,
    provider,
    person,
    version: 1,
    created_at: at,
    updated_at: at,
  };
  return {
    result: user,
    edit: {
      people: [personOf(user, known)],
      accounts: newAccounts(world, user, signsIn),
      users: [user],
      ...(former !== undefined && former.person === person ? { forgotten_users: [former.id] } : {}),
    },
    records: [
      recordOf(user, {
        change: known === undefined ? 'person provisioned' : 'person provisioned again',
        active: written.active,
        linked: signsIn !== undefined,
      }),
    ],
  };
}

export type UserChange = Pushing & {
  readonly id: string;
  readonly write: (held: ProvisionedUser) => UserWritten;
};

/** What takes somebody out is never refused for what else is the matter with them. */
export function changeUser(world: World, { provider, id, at, write }: UserChange): Made<ProvisionedUser> {
  const held = liveUser(world, provider, id);
  const written = write(held);
  const links = linksAfter(world, held, written);
  const changed = [...changedParts(held, written), ...(links.length === 0 ? [] : ['linked'])];
  if (changed.length === 0) return { result: held };
  if (changed.includes('user_name') || changed.includes('external_id'))
    checkUnique(world, { provider, written, except: id });
  const user: ProvisionedUser = {
    ...held,
    ...factsOf(written),
    version: held.version + 1,
    updated_at: at,
  };
  if (written.active && (changed.includes('profile') || changed.includes('active')))
    checkEmail(world, {
      person: held.person,
      signsIn: signInAccount(world, provider, written),
      email: emailOf(written.profile),
    });
  const known = world.roster.people.get(held.person);
  const renamed = nameOf(user) !== nameOf(held) || emailOf(user.profile) !== emailOf(held.profile);
  return {
    result: user,
    edit: {
      ...(renamed ? { people: [personOf(user, known)] } : {}),
      accounts: links,
      users: [user],
    },
    records: [recordOf(user, { change: 'provisioned person changed', changed, active: written.active })],
  };
}

/** The account they sign in with from now on, where it is not theirs yet: said now, or since the configuration links it. */
function linksAfter(world: World, held: ProvisionedUser, written: UserWritten): readonly RosterAccount[] {
  const { provider, person } = held;
  const before = signInAccount(world, provider, held);
  const account = signInAccount(world, provider, written);
  if (before !== undefined && account !== before)
    throw refused(
      'mutability',
      `${settingsOf(world, provider).link?.by}: says who signs in as this user and cannot change; delete the user and create it anew`,
    );
  if (account === undefined) return [];
  const holder = world.roster.accounts.get(account)?.person;
  if (holder === undefined) return [{ account, person, source: 'scim' }];
  // Said only now: refused. There from before the link was configured: the two stay two.
  if (holder !== person && account !== before)
    throw refused('uniqueness', 'the account this user would sign in with belongs to another person already');
  return [];
}

export function deleteUser(
  world: World,
  { provider, id, at }: Pushing & { readonly id: string },
): Made<undefined> {
  const held = liveUser(world, provider, id);
  const groups = [...world.roster.provisioned.groups.values()].filter(({ members }) => members.has(id));
  const edit: RosterEdit = {
    // What is not needed to know them again is not kept (I7).
    users: [
      {
        ...held,
        state: 'gone',
        user_name: held.external_id === null ? userNameMark(held.user_name) : '',
        profile: NO_PROFILE,
        version: held.version + 1,
        updated_at: at,
      },
    ],
    groups: groups.map((group) => ({
      group: {
        ...group,
        members: new Set([...group.members].filter((member) => member !== id)),
        version: group.version + 1,
        updated_at: at,
      },
      joined: [],
      left: [id],
    })),
  };
  const record = recordOf(held, { change: 'person deprovisioned', left: groups.map((group) => group.id) });
  return { result: undefined, edit, records: [record] };
}

const NO_PROFILE: Profile = {
  display_name: null,
  given_name: null,
  family_name: null,
  formatted_name: null,
  emails: [],
};

function factsOf({ user_name, external_id, profile, active }: UserWritten) {
  return { user_name, external_id, profile, state: stateOf({ active }) };
}

const stateOf = ({ active }: Pick<UserWritten, 'active'>): UserState => (active ? 'active' : 'inactive');

/** Enough to know a user name again, and not the name. */
const userNameMark = (user_name: string): string =>
  `sha256:${createHash('sha256').update(user_name.toLowerCase()).digest('hex')}`;

/** For the log: what changed, by kind; no names, no addresses (I7). */
function recordOf(user: ProvisionedUser, said: JsonObject) {
  return {
    kind: 'config-change' as const,
    task_id: `person:${user.person}`,
    predicate: { ...said, person: user.person, by_provider: user.provider, user: user.id },
  };
}

function changedParts(held: ProvisionedUser, written: UserWritten): readonly string[] {
  return [
    ...(held.user_name === written.user_name ? [] : ['user_name']),
    ...(held.external_id === written.external_id ? [] : ['external_id']),
    ...(held.state === stateOf(written) ? [] : ['active']),
    ...(JSON.stringify(held.profile) === JSON.stringify(written.profile) ? [] : ['profile']),
  ];
}

type Written = Pick<UserWritten, 'user_name' | 'external_id'>;

/** `sign_in` is read at the start and `scim` while running: nobody is made a person of their own for the time between. */
function checkLink(world: World, provider: string): void {
  const { link } = settingsOf(world, provider);
  if (link !== undefined && !Object.hasOwn(world.config.sign_in.oidc, link.oidc))
    throw new ScimFailure(503, 'the provider users are linked to is not in force yet; restart the gateway');
}

/** The account these users sign in with, as the configuration links it. */
function signInAccount(world: World, provider: string, written: Written): string | undefined {
  const { link } = settingsOf(world, provider);
  const oidc = link === undefined ? undefined : world.config.sign_in.oidc[link.oidc];
  if (link === undefined || oidc === undefined) return undefined;
  const subject = link.by === 'externalId' ? written.external_id : written.user_name;
  return subject === null ? undefined : oidcAccount(oidc.issuer, subject);
}

type Unique = { readonly provider: string; readonly written: Written; readonly except?: string };

function checkUnique({ roster }: World, { provider, written, except }: Unique): void {
  const wanted = written.user_name.toLowerCase();
  for (const user of roster.provisioned.users.values()) {
    if (user.id === except || !isLiveOf(provider)(user)) continue;
    if (user.user_name.toLowerCase() === wanted)
      throw refused('uniqueness', 'userName: another user has it already');
    if (written.external_id !== null && user.external_id === written.external_id)
      throw refused('uniqueness', 'externalId: another user has it already');
  }
}

/** Who was deleted there and comes back: by the provider's own id for them, or where it gave none, by name. */
function formerOf(
  { roster }: World,
  provider: string,
  { external_id, user_name }: UserWritten,
): ProvisionedUser | undefined {
  const mark = userNameMark(user_name);
  return [...roster.provisioned.users.values()].find(
    (user) =>
      user.provider === provider &&
      user.state === 'gone' &&
      user.external_id === external_id &&
      (external_id !== null || user.user_name === mark),
  );
}

type Whose = { readonly signsIn: string | undefined; readonly person: string };

/**
 * One human must not become two (A13). Somebody of the configuration who lists the very account is this one; anybody
 * else with the address is refused, unless they are out for good.
 */
function checkEmail(
  { config, roster }: World,
  { person, signsIn, email }: Whose & { readonly email: string | null },
): void {
  if (email === null) return;
  const wanted = email.toLowerCase();
  const listed = listedAccounts(config, roster);
  const owner = listed.get(wanted) ?? listed.get(`email:${wanted}`);
  const same = signsIn === undefined ? undefined : listed.get(accountKey(signsIn));
  if (owner !== undefined && owner !== same)
    throw refused(
      'uniqueness',
      `emails: the address is ${owner}’s, by the configuration or a link; list the account this user signs in with under people.${owner}.accounts, or link it to them`,
    );
  const gone = new Set<string>();
  for (const user of roster.provisioned.users.values()) if (user.state === 'gone') gone.add(user.person);
  for (const other of roster.people.values()) {
    if (other.id === person || other.email?.toLowerCase() !== wanted || gone.has(other.id)) continue;
    throw refused(
      'uniqueness',
      `emails: the address is ${other.id}’s already; if it is the same human, set scim.<provider>.link to the provider they sign in with`,
    );
  }
}

const emailOf = ({ emails }: Profile): string | null =>
  (emails.find(({ primary }) => primary) ?? emails.find(({ type }) => type === 'work') ?? emails[0])?.value ??
  null;

const NAME_CHARACTERS_MAX = 200;

function nameOf({ profile, user_name }: Pick<ProvisionedUser, 'profile' | 'user_name'>): string {
  const both = [profile.given_name, profile.family_name].filter((part) => part !== null).join(' ');
  const name = profile.display_name ?? profile.formatted_name ?? (both === '' ? user_name : both);
  return name.slice(0, NAME_CHARACTERS_MAX).toWellFormed();
}

/** `active` of the roster is the operators' own word, and no provider's. */
const personOf = (user: ProvisionedUser, known: RosterPerson | undefined): RosterPerson => ({
  id: user.person,
  name: nameOf(user),
  email: emailOf(user.profile),
  active: known?.active ?? true,
  roles: known?.roles ?? [],
  source: known?.source ?? 'scim',
});

function newAccounts(
  { roster }: World,
  { provider, id, person }: ProvisionedUser,
  signsIn: string | undefined,
): readonly RosterAccount[] {
  const names = [scimAccount(provider, id), ...(signsIn === undefined ? [] : [signsIn])];
  return names
    .filter((account) => !roster.accounts.has(account))
    .map((account) => ({ account, person, source: 'scim' }));
}
