/**
 * Which parts of the configuration decide who may act and who decides, and a change of them as an operation: every
 * entry by id, before and after (I6, I13). Where a gateway listens and keeps its data is the host's affair, and not here.
 */
import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { Config } from '../config/config.ts';
import type { Operation } from '../operations/operation.ts';

/** Taken up while running. */
export const RELOADED = ['people', 'groups', 'agents', 'workload_identity', 'scim', 'ticketing'] as const;
/** Taken up by the next start. */
export const AT_START = ['tenant', 'sign_in', 'upstreams', 'channels', 'outgoing', 'limits'] as const;

const GOVERNED = [...RELOADED, ...AT_START] as const;
export type Governed = Pick<Config, (typeof GOVERNED)[number]>;

export const governed = ({
  people,
  groups,
  agents,
  workload_identity,
  scim,
  ticketing,
  tenant,
  sign_in,
  upstreams,
  channels,
  outgoing,
  limits,
}: Governed): Governed => ({
  people,
  groups,
  agents,
  workload_identity,
  scim,
  ticketing,
  tenant,
  sign_in,
  upstreams,
  channels,
  outgoing,
  limits,
});

export const digestOf = (value: Config | Governed): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const CONFIG_RESOURCE = 'configuration';

/** Files have no author: whoever can write them. */
export function configChange(before: Governed, after: Governed): Operation {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  const names = changedNames(before, after);
  return {
    name: 'countersign.config.change',
    resource: CONFIG_RESOURCE,
    arguments: {
      before: digestOf(governed(before)),
      after: digestOf(governed(after)),
      changed: Object.fromEntries(
        names.map((name) => [
          name,
          { ...valueAs('before', old.get(name)), ...valueAs('after', now.get(name)) },
        ]),
      ),
    },
  };
}

const valueAs = (side: string, value: Json | undefined): JsonObject =>
  value === undefined ? {} : { [side]: value };

/** `people.bob`, `agents.coder`, `limits.hold_wait`: what was added, removed or changed. */
export function changedNames(before: Governed, after: Governed): readonly string[] {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => !same(old.get(name), now.get(name)));
}

/** Every part by the id of its entries; issuers by their name. */
function entriesOf(parts: Governed): ReadonlyMap<string, Json> {
  // As the store would give it back: nothing that is not JSON tells two configurations apart.
  const plain = JSON.parse(JSON.stringify(governed(parts))) as { readonly [key: string]: Json };
  return new Map(Object.entries(plain).flatMap(([key, part]) => entriesIn(key, part)));
}

function entriesIn(key: string, part: Json): readonly (readonly [string, Json])[] {
  if (Array.isArray(part))
    return part.map((entry: Json, at) => [
      `${key}.${isJsonObject(entry) && typeof entry['issuer'] === 'string' ? entry['issuer'] : at}`,
      entry,
    ]);
  if (!isJsonObject(part)) return [[key, part]];
  return Object.entries(part).map(([id, entry]) => [`${key}.${id}`, entry] as const);
}
