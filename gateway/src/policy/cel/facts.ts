/**
 * The types of facts, read from the JSON Schema a binding declares (and from a tool's own input schema for its
 * arguments). Anything a schema does not pin down is `any`: still checked when the rule runs, never guessed at load.
 */
import type { JsonObject } from '@countersign/core';

export type FactType =
  | { readonly kind: 'text'; readonly values?: readonly string[] }
  | { readonly kind: 'number' | 'flag' | 'none' | 'any' }
  | { readonly kind: 'list'; readonly item: FactType }
  | { readonly kind: 'map'; readonly value: FactType }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, FactType> };

export const ANY: FactType = { kind: 'any' };
export const TEXT: FactType = { kind: 'text' };
export const NUMBER: FactType = { kind: 'number' };
export const FLAG: FactType = { kind: 'flag' };

/** The fact that holds the caller's arguments, in any binding that has one: typed by the tool's schema where a rule pins the tool. */
export const ARGUMENTS = 'args';
/** The fact that holds what an upstream says of itself. It may raise, never lower: no `allow` rule reads it (I11). */
export const ANNOTATIONS = 'annotations';

const DEPTH_MAX = 12;
/** Schemas come from upstreams; one that refers to itself in many places unfolds without end. */
const PARTS_MAX = 500;

type Unfolding = { readonly root: unknown; parts: number };

export const factTypeOf = (schema: unknown): FactType => typeOf(schema, { root: schema, parts: 0 }, 0);

function typeOf(schema: unknown, at: Unfolding, depth: number): FactType {
  if (!isObject(schema) || depth > DEPTH_MAX || ++at.parts > PARTS_MAX) return ANY;
  const ref = schema['$ref'];
  if (typeof ref === 'string') return typeOf(resolve(ref, at.root), at, depth + 1);
  // A combination may add or loosen anything the members beside it say.
  if (['anyOf', 'oneOf', 'allOf', 'if', 'not'].some((key) => key in schema)) return ANY;
  switch (schema['type']) {
    case 'string':
      return textType(schema['enum']);
    case 'number':
    case 'integer':
      return NUMBER;
    case 'boolean':
      return FLAG;
    case 'null':
      return { kind: 'none' };
    case 'array':
      return { kind: 'list', item: 'prefixItems' in schema ? ANY : typeOf(schema['items'], at, depth + 1) };
    case 'object':
      return objectType(schema, at, depth);
    default:
      return ANY;
  }
}

function textType(values: unknown): FactType {
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) return TEXT;
  return { kind: 'text', values };
}

/** Properties not declared are errors to name, unless the schema says outright that others may come. */
function objectType(schema: JsonObject, at: Unfolding, depth: number): FactType {
  const { properties, additionalProperties: others, patternProperties } = schema;
  const open = others === true || isObject(others) || isObject(patternProperties);
  if (!isObject(properties)) {
    if (others === false) return { kind: 'object', fields: new Map() };
    return {
      kind: 'map',
      value: isObject(others) && !isObject(patternProperties) ? typeOf(others, at, depth + 1) : ANY,
    };
  }
  const entries = Object.entries(properties);
  if (open || entries.length > PARTS_MAX) return { kind: 'map', value: ANY };
  return {
    kind: 'object',
    fields: new Map(entries.map(([name, each]) => [name, typeOf(each, at, depth + 1)])),
  };
}

function resolve(ref: string, root: unknown): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const step of ref.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How a type is named to a person. */
export function describe(type: FactType): string {
  switch (type.kind) {
    case 'flag':
      return 'true or false';
    case 'list':
      return `a list of ${describe(type.item)}`;
    case 'none':
      return 'null';
    case 'object':
      return 'an object';
    default:
      return { text: 'text', number: 'a number', any: 'anything', map: 'a map' }[type.kind];
  }
}

/** `type` with the arguments of one tool in place of the untyped ones. */
export function withArguments(type: FactType, args: FactType): FactType {
  if (type.kind !== 'object' || !type.fields.has(ARGUMENTS)) return type;
  return { kind: 'object', fields: new Map([...type.fields, [ARGUMENTS, args]]) };
}
