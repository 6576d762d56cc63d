/** Users and groups, between what a provider writes (RFC 7643) and what is kept of them. Pure. */
import type { Json, JsonObject } from '@countersign/core';
import type { Profile, ProvisionedGroup, ProvisionedUser } from '../../identity/roster/provisioned.ts';
import type { GroupWritten } from '../../identity/scim/groups.ts';
import type { UserWritten } from '../../identity/scim/users.ts';
import type { Known, Searchable } from './filter.ts';
import { GROUP, type Item, type Kept, type Shape, USER } from './shape.ts';

type Held = {
  readonly id: string;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
};

/** How one kind of resource is written and read. */
export type Resource<H extends Held, Written> = {
  /** `Users`: the path below `/scim/v2`, and of `meta.location`. */
  readonly endpoint: string;
  readonly type: string;
  readonly shape: Shape;
  readonly known: Known;
  keptOf(held: H): Kept;
  writtenOf(kept: Kept): Written;
  searchable(held: H): Searchable;
  /** How many items it has, to bound a page. */
  weight(held: H): number;
};

const text = (value: Kept[string] | undefined): string | null => (typeof value === 'string' ? value : null);
const itemText = (item: Item, part: string): string | null => text(item[part]);
/** Without what says nothing. */
const only = (all: { readonly [name: string]: Kept[string] | null | undefined }): Kept =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, value]],
    ),
  );

export const USERS: Resource<ProvisionedUser, UserWritten> = {
  endpoint: 'Users',
  type: 'User',
  shape: USER,
  known: {
    paths: ['id', 'username', 'externalid', 'displayname', 'active', 'emails', 'emails.value'],
    lists: { emails: ['value', 'type', 'primary'] },
  },
  keptOf: ({ user_name, external_id, state, profile }) => {
    const name = only({
      formatted: profile.formatted_name,
      givenName: profile.given_name,
      familyName: profile.family_name,
    });
    return only({
      externalId: external_id,
      userName: user_name,
      displayName: profile.display_name,
      active: state === 'active',
      name: Object.keys(name).length === 0 ? null : (name as Item),
      emails: profile.emails.length === 0 ? null : profile.emails.map(emailItem),
    });
  },
  // Who does not say whether they are active is (RFC 7643 leaves it to us); said by PATCH, it is never removed.
  writtenOf: (kept) => ({
    user_name: text(kept['userName']) ?? '',
    external_id: text(kept['externalId']),
    active: kept['active'] !== false,
    profile: profileOf(kept),
  }),
  searchable: ({ id, user_name, external_id, state, profile }) => {
    const addresses = profile.emails.map(({ value }) => value);
    return {
      values: {
        id: [id],
        username: [user_name],
        externalid: external_id === null ? [] : [external_id],
        displayname: profile.display_name === null ? [] : [profile.display_name],
        active: [state === 'active'],
        emails: addresses,
        'emails.value': addresses,
      },
      lists: { emails: profile.emails.map(emailItem) },
    };
  },
  weight: () => 1,
};

const emailItem = ({ value, type, primary }: Profile['emails'][number]): Item => ({
  value,
  ...(type === null ? {} : { type }),
  ...(primary ? { primary } : {}),
});

function profileOf(kept: Kept): Profile {
  const name = (kept['name'] ?? {}) as Item;
  const emails = (kept['emails'] ?? []) as readonly Item[];
  return {
    display_name: text(kept['displayName']),
    given_name: itemText(name, 'givenName'),
    family_name: itemText(name, 'familyName'),
    formatted_name: itemText(name, 'formatted'),
    emails: emails.map((item) => ({
      value: itemText(item, 'value') ?? '',
      type: itemText(item, 'type'),
      primary: item['primary'] === true,
    })),
  };
}

export const GROUPS: Resource<ProvisionedGroup, GroupWritten> = {
  endpoint: 'Groups',
  type: 'Group',
  shape: GROUP,
  known: {
    paths: ['id', 'externalid', 'displayname', 'members', 'members.value'],
    lists: { members: ['value'] },
  },
  keptOf: ({ external_id, display_name, members }) =>
    only({
      externalId: external_id,
      displayName: display_name,
      members: members.size === 0 ? null : [...members].map((value) => ({ value })),
    }),
  writtenOf: (kept) => ({
    display_name: text(kept['displayName']) ?? '',
    external_id: text(kept['externalId']),
    members: new Set(
      ((kept['members'] ?? []) as readonly Item[]).map((item) => itemText(item, 'value') ?? ''),
    ),
  }),
  searchable: ({ id, external_id, display_name, members }) => ({
    values: {
      id: [id],
      externalid: external_id === null ? [] : [external_id],
      displayname: [display_name],
      // Asked by name below, without making a list of thousands.
      get members() {
        return [...members];
      },
      get 'members.value'() {
        return [...members];
      },
    },
    lists: {
      get members() {
        return [...members].map((value) => ({ value }));
      },
    },
  }),
  weight: ({ members }) => 1 + members.size,
};

export const versionTag = ({ version }: Held): string => `W/"${version}"`;

export type Selection = { readonly attributes: readonly string[]; readonly excluded: readonly string[] };

/** As it is shown. Always with `id` and `schemas` (RFC 7643 §7, returned “always”). */
export function shown<H extends Held, W>(
  resource: Resource<H, W>,
  held: H,
  { base, selection }: { readonly base: string; readonly selection: Selection },
): JsonObject {
  const { attributes, excluded } = selection;
  const isShown = (name: string): boolean => {
    const asked = name.toLowerCase();
    const isNamed = (list: readonly string[]) =>
      list.some((each) => each === asked || each.startsWith(`${asked}.`));
    return attributes.length > 0 ? isNamed(attributes) : !excluded.includes(asked);
  };
  const meta = {
    resourceType: resource.type,
    created: new Date(held.created_at).toISOString(),
    lastModified: new Date(held.updated_at).toISOString(),
    location: `${base}/${resource.endpoint}/${held.id}`,
    version: versionTag(held),
  };
  const kept = Object.entries(resource.keptOf(held)).filter(([name]) => isShown(name));
  return {
    schemas: [resource.shape.schema],
    id: held.id,
    ...(Object.fromEntries(kept) as { readonly [name: string]: Json }),
    ...(isShown('meta') ? { meta } : {}),
  };
}
