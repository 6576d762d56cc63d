/** What this server can do, as it says itself (RFC 7643 §5–7): made of the same shapes that requests are read with. */
import type { JsonObject } from '@countersign/core';
import { GROUPS, USERS } from './resources.ts';
import type { Attribute, Shape, Simple } from './shape.ts';

export const RESULTS_MAX = 200;

const SCHEMAS = 'urn:ietf:params:scim:schemas:core:2.0:';
const RESOURCES = [USERS, GROUPS];

const meta = (base: string, resourceType: string, place: string): JsonObject => ({
  resourceType,
  location: `${base}/${place}`,
});

export const serviceProviderConfig = (base: string): JsonObject => ({
  schemas: [`${SCHEMAS}ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: RESULTS_MAX },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token made with `countersign scim new-token`, in the Authorization header.',
      primary: true,
    },
  ],
  meta: meta(base, 'ServiceProviderConfig', 'ServiceProviderConfig'),
});

export const resourceTypes = (base: string): readonly JsonObject[] =>
  RESOURCES.map(({ type, endpoint, shape }) => ({
    schemas: [`${SCHEMAS}ResourceType`],
    id: type,
    name: type,
    endpoint: `/${endpoint}`,
    schema: shape.schema,
    meta: meta(base, 'ResourceType', `ResourceTypes/${type}`),
  }));

export const schemas = (base: string): readonly JsonObject[] =>
  RESOURCES.map(({ type, shape }) => ({
    schemas: [`${SCHEMAS}Schema`],
    id: shape.schema,
    name: type,
    attributes: Object.entries(shape.attributes).map(([name, attribute]) =>
      described(name, attribute, shape),
    ),
    meta: meta(base, 'Schema', `Schemas/${shape.schema}`),
  }));

/** A user’s name is one user’s, and a group’s one group’s. */
const UNIQUE = ['userName', 'externalId'];
const isUnique = (name: string, shape: Shape): boolean =>
  UNIQUE.includes(name) || shape.required.includes(name);

function described(name: string, attribute: Attribute, shape: Shape): JsonObject {
  const head = {
    name,
    multiValued: attribute.kind === 'list',
    required: shape.required.includes(name),
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: isUnique(name, shape) ? 'server' : 'none',
  };
  if (attribute.kind === 'text' || attribute.kind === 'boolean')
    return { ...head, ...simple(attribute), caseExact: name === 'externalId' };
  return {
    ...head,
    type: 'complex',
    subAttributes: Object.entries(attribute.parts).map(([part, each]) => ({
      name: part,
      ...simple(each),
      multiValued: false,
      required: attribute.kind === 'list' && part === 'value',
      caseExact: name === 'members',
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'none',
    })),
  };
}

const simple = ({ kind }: Simple): JsonObject => ({ type: kind === 'text' ? 'string' : 'boolean' });
