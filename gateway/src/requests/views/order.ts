/** In which order a tool's arguments are told: that of its accepted schema, the required ones first. Pure but for a memory of it. */
import { isJsonObject, type JsonObject } from '@countersign/core';
import { type AcceptedPins, pinKey } from '../../authority/authority.ts';

/** Of definitions, which are kept as long as they are accepted. */
const known = new WeakMap<JsonObject, readonly string[]>();

/** Names, none twice; nothing for what is no accepted tool. */
export function orderOf(pins: AcceptedPins, upstream: string, action: JsonObject): readonly string[] {
  const { resource } = action;
  if (resource === undefined || !isJsonObject(resource) || resource['type'] !== 'tool') return [];
  const definition = pins.get(pinKey(upstream, String(resource['id'])))?.definition;
  if (definition === undefined) return [];
  const order = known.get(definition) ?? namesIn(definition);
  known.set(definition, order);
  return order;
}

function namesIn({ inputSchema: schema }: JsonObject): readonly string[] {
  if (schema === undefined || !isJsonObject(schema)) return [];
  const { required, properties } = schema;
  const first = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const named = properties !== undefined && isJsonObject(properties) ? Object.keys(properties) : [];
  return [...new Set([...first, ...named])];
}
