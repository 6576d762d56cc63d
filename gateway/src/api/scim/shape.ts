/**
 * SCIM resources as this gateway keeps them: which attributes, of which kind, how large. Whatever else a provider writes is
 * taken note of by nobody: what is standard, or somebody's extension, is passed over; what is kept is read strictly.
 * Attribute names are case-insensitive (RFC 7643 §2.1).
 */
import type { Json, JsonObject } from '@countersign/core';
import { refused } from '../../identity/scim/failure.ts';

export type Simple =
  | { readonly kind: 'text'; readonly characters_max: number }
  | { readonly kind: 'boolean' };
export type Attribute =
  | Simple
  | { readonly kind: 'complex'; readonly parts: { readonly [name: string]: Simple } }
  | {
      readonly kind: 'list';
      readonly parts: { readonly [name: string]: Simple };
      readonly items_max: number;
      /** What tells two items apart. */
      readonly keyOf: (item: Item) => string;
    };
export type Item = { readonly [part: string]: string | boolean };

export type Shape = {
  readonly schema: string;
  readonly attributes: { readonly [name: string]: Attribute };
  /** Standard attributes that are not kept. */
  readonly passed_over: readonly string[];
  readonly required: readonly string[];
};

/** What is kept of one resource, under the names of its shape. A list that says nothing is not there. */
export type Kept = { readonly [name: string]: string | boolean | Item | readonly Item[] };

const EMAILS_MAX = 20;
export const MEMBERS_MAX = 100_000;
const text = (characters_max: number): Simple => ({ kind: 'text', characters_max });
const lower = (value: Item[string] | undefined): string => String(value ?? '').toLowerCase();

export const USER: Shape = {
  schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
  attributes: {
    externalId: text(256),
    userName: text(256),
    displayName: text(256),
    active: { kind: 'boolean' },
    name: {
      kind: 'complex',
      parts: { formatted: text(256), givenName: text(128), familyName: text(128) },
    },
    emails: {
      kind: 'list',
      parts: { value: text(320), type: text(64), primary: { kind: 'boolean' } },
      items_max: EMAILS_MAX,
      keyOf: ({ value, type }) => `${lower(value)}\n${lower(type)}`,
    },
  },
  passed_over: [
    ...['nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone', 'password'],
    ...['manager', 'department', 'employeeNumber', 'costCenter', 'organization', 'division'],
    ...['phoneNumbers', 'ims', 'photos', 'addresses', 'groups', 'entitlements', 'roles', 'x509Certificates'],
  ],
  required: ['userName'],
};

export const GROUP: Shape = {
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  attributes: {
    externalId: text(256),
    displayName: text(256),
    members: {
      kind: 'list',
      parts: { value: text(128) },
      items_max: MEMBERS_MAX,
      keyOf: ({ value }) => String(value ?? ''),
    },
  },
  passed_over: [],
  required: ['displayName'],
};

/** Set by the gateway; a provider may repeat them, and changes nothing. */
const READ_ONLY = ['id', 'schemas', 'meta'];

const found = (names: readonly string[], name: string): string | undefined =>
  names.find((each) => each.toLowerCase() === name.toLowerCase());

export type Attr =
  | { readonly kind: 'kept'; readonly name: string; readonly attribute: Attribute }
  | { readonly kind: 'passed_over' | 'read_only' | 'unknown' };

export function attributeOf({ attributes, passed_over }: Shape, name: string): Attr {
  const kept = found(Object.keys(attributes), name);
  const attribute = kept === undefined ? undefined : attributes[kept];
  if (kept !== undefined && attribute !== undefined) return { kind: 'kept', name: kept, attribute };
  if (found(READ_ONLY, name) !== undefined) return { kind: 'read_only' };
  const known = name.toLowerCase().startsWith('urn:') || found(passed_over, name) !== undefined;
  return { kind: known ? 'passed_over' : 'unknown' };
}

/** The part as the shape spells it. */
export const partOf = (parts: { readonly [name: string]: Simple }, name: string): string | undefined =>
  found(Object.keys(parts), name);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A whole resource, as POST and PUT have it. @throws ScimFailure naming the attribute and the fix */
export function readResource(shape: Shape, value: Json): Kept {
  if (!isObject(value)) throw refused('invalidSyntax', 'body: must be an object');
  const schemas = value['schemas'];
  if (!Array.isArray(schemas) || !schemas.includes(shape.schema))
    throw refused('invalidSyntax', `schemas: must name ${shape.schema}`);
  const kept: Record<string, Kept[string]> = {};
  for (const [name, given] of Object.entries(value)) {
    const attr = attributeOf(shape, name);
    if (attr.kind !== 'kept') continue;
    if (Object.hasOwn(kept, attr.name)) throw refused('invalidSyntax', `${attr.name}: given twice`);
    const read = readValue(attr.attribute, given, attr.name);
    if (read !== undefined) kept[attr.name] = read;
  }
  checkRequired(shape, kept);
  return kept;
}

export function checkRequired({ required }: Shape, kept: Kept): void {
  for (const name of required)
    if (kept[name] === undefined || kept[name] === '') throw refused('invalidValue', `${name}: is required`);
}

/** Undefined for what says nothing: null, an empty text, an empty list (RFC 7643 §2.5). */
export function readValue(attribute: Attribute, value: Json, at: string): Kept[string] | undefined {
  if (value === null) return undefined;
  if (attribute.kind === 'list') return readItems(attribute, value, at);
  if (attribute.kind === 'complex') {
    if (!isObject(value)) throw refused('invalidValue', `${at}: must be an object`);
    const parts = readParts(attribute.parts, value, at);
    return Object.keys(parts).length === 0 ? undefined : parts;
  }
  return readSimple(attribute, unwrapped(value), at);
}

/** Older provisioning of Entra ID writes a single value as a list of one: `[{ "$ref": null, "value": "False" }]`. */
function unwrapped(value: Json): Json {
  const [only, more] = Array.isArray(value) ? value : [];
  return more === undefined && isObject(only) ? (only['value'] ?? null) : value;
}

export function readSimple(simple: Simple, value: Json, at: string): string | boolean | undefined {
  if (simple.kind === 'boolean') return readBoolean(value, at);
  if (value === null) return undefined;
  if (typeof value !== 'string') throw refused('invalidValue', `${at}: must be a text`);
  const trimmed = value.trim();
  if (trimmed.length > simple.characters_max)
    throw refused('invalidValue', `${at}: at most ${simple.characters_max} characters`);
  // Control characters are in nobody's name, and would be in every log and terminal it is shown in (A2, A3).
  if (/\p{Cc}/u.test(trimmed)) throw refused('invalidValue', `${at}: must have no control characters`);
  return trimmed === '' ? undefined : trimmed;
}

/** Entra ID writes booleans as texts: `"False"`. Anything else is refused: it must not be guessed who may come in. */
function readBoolean(value: Json, at: string): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw refused('invalidValue', `${at}: must be true or false`);
}

type List = Extract<Attribute, { readonly kind: 'list' }>;

/** One item may stand for a list of one. Of items that are the same, the last counts; `primary` is the last's that says so. */
export function readItems(list: List, value: Json, at: string): readonly Item[] | undefined {
  const given = Array.isArray(value) ? value : [value];
  if (given.length > list.items_max) throw refused('tooMany', `${at}: at most ${list.items_max}`);
  const items = given.map((each) => {
    if (!isObject(each)) throw refused('invalidValue', `${at}: each must be an object with a value`);
    return readParts(list.parts, each, at);
  });
  for (const item of items)
    if (typeof item['value'] !== 'string') throw refused('invalidValue', `${at}.value: is required`);
  return merged(list, [], items);
}

export function readParts(parts: { readonly [name: string]: Simple }, value: JsonObject, at: string): Item {
  const read: Record<string, string | boolean> = {};
  for (const [name, given] of Object.entries(value)) {
    const part = partOf(parts, name);
    const simple = part === undefined ? undefined : parts[part];
    if (part === undefined || simple === undefined || given === null) continue;
    const one = readSimple(simple, given, `${at}.${part}`);
    if (one !== undefined) read[part] = one;
  }
  return read;
}

/** The list with these added: what is there already is written over, and at most one item is the primary one. */
export function merged(
  list: List,
  before: readonly Item[],
  added: readonly Item[],
): readonly Item[] | undefined {
  const items = new Map(before.map((item) => [list.keyOf(item), item]));
  for (const item of added) {
    if (item['primary'] === true)
      for (const [key, other] of items)
        if (other['primary'] === true) items.set(key, { ...other, primary: false });
    items.set(list.keyOf(item), item);
  }
  return items.size === 0 ? undefined : [...items.values()];
}
