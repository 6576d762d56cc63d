/**
 * What identity providers may do here: see and change the users and groups they pushed themselves, and nothing else
 * (I12). Each change goes through the authority, on the record, under a raised epoch (I8, I13).
 */
import type { World } from '../../authority/changes.ts';
import { ulid } from '../../ids.ts';
import type { ProvisionedGroup, ProvisionedUser } from '../roster/provisioned.ts';
import { type Batches, type BatchesDeps, createBatches, type Made } from './batches.ts';
import { ScimFailure } from './failure.ts';
import { changeGroup, createGroup, deleteGroup, type GroupWritten, groupOf } from './groups.ts';
import { providerOfToken, type ShownToken } from './tokens.ts';
import {
  changeUser,
  createUser,
  deleteUser,
  isLiveOf,
  liveUser,
  type Pushing,
  settingsOf,
  type UserWritten,
} from './users.ts';

export type Provisioning = {
  /** Which provider shows this token. */
  admit(token: string): ShownToken;
  requestsPerMinute(provider: string): number;
  readonly users: Kind<ProvisionedUser, UserWritten>;
  readonly groups: Kind<ProvisionedGroup, GroupWritten>;
};

/** All of one provider, and in its order; every function throws ScimFailure to refuse. */
export type Kind<Held, Written> = {
  list(provider: string): readonly Held[];
  get(provider: string, id: string): Held;
  create(provider: string, written: Written): Promise<Held>;
  change(provider: string, change: ResourceChange<Held, Written>): Promise<Held>;
  delete(provider: string, named: Named): Promise<void>;
};

export type Named = {
  readonly id: string;
  /** The version the provider knows; another one by now is refused (RFC 7644 §3.14). */
  readonly if_version?: number | undefined;
};
export type ResourceChange<Held, Written> = Named & {
  /** Pure; called again where the resource changed meanwhile. @throws ScimFailure */
  readonly write: (held: Held) => Written;
  /** It may take something away, and does not wait for company. */
  readonly hurried: boolean;
};

export type ProvisioningDeps = BatchesDeps & {
  readonly world: () => World;
  readonly people_max: number;
};

export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  const { world, now } = deps;
  const batches = createBatches(deps);
  const pushing = (provider: string): Pushing => ({ provider, at: now(), people_max: deps.people_max });
  const newId = (kind: string): string => `${kind}_${ulid(now()).toLowerCase()}`;
  return {
    admit: (token) => providerOfToken(world().config.scim, token, now()),
    requestsPerMinute: (provider) => settingsOf(world(), provider).requests_per_minute,
    users: kindOf<ProvisionedUser, UserWritten>(batches, {
      find: (at, provider, id) => liveUser(at, provider, id),
      list: (provider) => [...world().roster.provisioned.users.values()].filter(isLiveOf(provider)),
      get: (provider, id) => liveUser(world(), provider, id),
      create: (provider, written) => {
        const [id, new_person] = [newId('scu'), newId('usr')];
        return (at) => createUser(at, { ...pushing(provider), written, id, new_person });
      },
      change:
        (provider, { id, write }) =>
        (at) =>
          changeUser(at, { ...pushing(provider), id, write }),
      delete: (provider, id) => (at) => deleteUser(at, { ...pushing(provider), id }),
    }),
    groups: kindOf<ProvisionedGroup, GroupWritten>(batches, {
      find: (at, provider, id) => groupOf(at, provider, id),
      list: (provider) =>
        [...world().roster.provisioned.groups.values()].filter((group) => group.provider === provider),
      get: (provider, id) => groupOf(world(), provider, id),
      create: (provider, written) => {
        const id = newId('scg');
        return (at) => createGroup(at, { ...pushing(provider), written, id });
      },
      change:
        (provider, { id, write }) =>
        (at) =>
          changeGroup(at, { ...pushing(provider), id, write }),
      delete: (provider, id) => (at) => deleteGroup(at, { ...pushing(provider), id }),
    }),
  };
}

type Parts<Held, Written> = {
  find(world: World, provider: string, id: string): { readonly version: number };
  list(provider: string): readonly Held[];
  get(provider: string, id: string): Held;
  create(provider: string, written: Written): (world: World) => Made<Held>;
  change(provider: string, change: ResourceChange<Held, Written>): (world: World) => Made<Held>;
  delete(provider: string, id: string): (world: World) => Made<undefined>;
};

function kindOf<Held, Written>(batches: Batches, parts: Parts<Held, Written>): Kind<Held, Written> {
  const guarded =
    <T>(provider: string, { id, if_version }: Named, build: (world: World) => Made<T>) =>
    (world: World): Made<T> => {
      settingsOf(world, provider);
      const { version } = parts.find(world, provider, id);
      if (if_version !== undefined && if_version !== version)
        throw new ScimFailure(412, 'If-Match: it has changed since; read it again');
      return build(world);
    };
  return {
    list: parts.list,
    get: parts.get,
    create: (provider, written) => batches.apply(parts.create(provider, written), false),
    change: (provider, change) =>
      batches.apply(guarded(provider, change, parts.change(provider, change)), change.hurried),
    delete: (provider, named) =>
      batches.apply(guarded(provider, named, parts.delete(provider, named.id)), true),
  };
}
