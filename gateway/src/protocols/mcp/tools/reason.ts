/**
 * The agent's stated reason (`ask_reason`): an optional argument added to the tool as listed, taken off before the
 * digest, and shown as the agent's claim, never as fact (I6, I11). A tool's own arguments are never touched.
 */
import { type Claim, isJsonObject, type JsonObject, member } from '@countersign/core';

const NAMES = ['reason', 'countersign_reason'] as const;
export const REASON_CHARACTERS_MAX = 2_000;

const SHOWN = {
  type: 'string',
  maxLength: REASON_CHARACTERS_MAX,
  description:
    'Why you want to do this, in a sentence or two, for the person who may have to approve it. Optional.',
};

/** The argument's name in this tool: the first the tool does not have itself; undefined when none is free. */
export function reasonArgument(definition: JsonObject): string | undefined {
  const schema = definition['inputSchema'];
  if (!isJsonObject(schema) || schema['type'] !== 'object') return undefined;
  const properties = schema['properties'] ?? {};
  if (!isJsonObject(properties)) return undefined;
  return NAMES.find((name) => !Object.hasOwn(properties, name));
}

/** The tool as listed to an agent whose calls are asked for a reason. */
export function withReason(listed: JsonObject): JsonObject {
  const name = reasonArgument(listed);
  const schema = listed['inputSchema'];
  if (name === undefined || !isJsonObject(schema)) return listed;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return { ...listed, inputSchema: { ...schema, properties: { ...properties, [name]: SHOWN } } };
}

/** Takes the reason off a call's params. */
export function takeReason(
  params: JsonObject,
  definition: JsonObject,
): { readonly params: JsonObject; readonly claim?: Claim } {
  const name = reasonArgument(definition);
  const args = params['arguments'];
  if (name === undefined || !isJsonObject(args)) return { params };
  const reason = member(args, name);
  if (typeof reason !== 'string') return { params };
  const { [name]: _taken, ...rest } = args;
  const claim =
    reason.trim() === '' ? {} : { claim: { reason: reason.slice(0, REASON_CHARACTERS_MAX).toWellFormed() } };
  return { params: { ...params, arguments: rest }, ...claim };
}
