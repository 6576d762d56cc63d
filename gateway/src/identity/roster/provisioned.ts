/**
 * What identity providers push over SCIM: users and groups as they last said, beside the people they are here. Facts
 * only, and immutable. A user that was deleted there is kept as one who is gone, so that the person stays out and is
 * known again should they come back; whom a group makes what is said by the configuration, whenever a directory is made.
 */

export type ProvisionedEmail = {
  readonly value: string;
  readonly type: string | null;
  readonly primary: boolean;
};

export type Profile = {
  readonly display_name: string | null;
  readonly given_name: string | null;
  readonly family_name: string | null;
  readonly formatted_name: string | null;
  readonly emails: readonly ProvisionedEmail[];
};

/** `gone`: deleted at the provider. */
export type UserState = 'active' | 'inactive' | 'gone';

export type ProvisionedUser = {
  readonly id: string;
  readonly provider: string;
  /** Whose of the roster it is. */
  readonly person: string;
  readonly external_id: string | null;
  readonly user_name: string;
  readonly state: UserState;
  readonly profile: Profile;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
};

export type ProvisionedGroup = {
  readonly id: string;
  readonly provider: string;
  readonly external_id: string | null;
  readonly display_name: string;
  /** Ids of users of the same provider. */
  readonly members: ReadonlySet<string>;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
};

export type Provisioned = {
  readonly users: ReadonlyMap<string, ProvisionedUser>;
  readonly groups: ReadonlyMap<string, ProvisionedGroup>;
};

export const NONE_PROVISIONED: Provisioned = { users: new Map(), groups: new Map() };

export type GroupEdit = {
  readonly group: ProvisionedGroup;
  readonly joined: readonly string[];
  readonly left: readonly string[];
};

/** The account of the roster a user is: by the provider’s id here and the user’s, neither of which ever changes. */
export const scimAccount = (provider: string, user: string): string => `scim:${provider}#${user}`;

/** The provider of such an account. */
export function scimProviderOf(account: string): string | undefined {
  const at = account.indexOf('#');
  return account.startsWith('scim:') && at > 0 ? account.slice('scim:'.length, at) : undefined;
}

/** People some provider says are not to come in: one is enough. */
export function suspended({ users }: Provisioned): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { person, state } of users.values()) if (state !== 'active') found.add(person);
  return found;
}
