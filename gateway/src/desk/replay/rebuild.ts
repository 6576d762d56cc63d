/**
 * An evaluation made again from what was kept of it: the canonical action, who asked, and the tool as it was accepted
 * then. The binding that made the facts then makes them now. What was not kept is said to be unknown, never made up.
 */
import {
  type CanonicalAction,
  type Evaluation,
  encodeUtf8,
  isJsonObject,
  type Json,
  type JsonObject,
  type Principal,
  readAction,
} from '@countersign/core';
import type { NotReplayedWhy } from '@countersign/sdk';
import { ACCESS_BINDING, factsOf } from '../../api/access/binding.ts';
import { asked, FILES, OPERATION_NAMES, OPERATIONS, type OperationName } from '../../operations/operation.ts';
import type { PartlyKnown } from '../../policy/partly-known.ts';
import { namingMember, paramsOf, toEvaluation } from '../../protocols/mcp/binding.ts';
import type { AcceptedPin } from '../../protocols/mcp/tools/pins.ts';
import type { Schemas } from '../../protocols/mcp/tools/schema.ts';
import type { AcceptedOnce, StoredBody } from './questions.ts';
import type { Recorded } from './recorded.ts';

export type Rebuilt =
  | { readonly kind: 'whole'; readonly evaluation: Evaluation }
  /** `why` it is not whole. */
  | { readonly kind: 'partly'; readonly partly: PartlyKnown; readonly why: NotReplayedWhy }
  | { readonly kind: 'not'; readonly why: NotReplayedWhy };

export type Kept = {
  readonly body: StoredBody | undefined;
  /** Every accepted definition of the tool, newest first; of a tool's call only. */
  readonly accepted: readonly AcceptedOnce[];
  readonly schemas: Schemas;
};

export const isToolCall = ({ what }: Recorded): boolean => what.action === 'tools/call' && isMcp(what);

const isMcp = ({ upstream }: Recorded['what']): boolean =>
  upstream !== ACCESS_BINDING && upstream !== OPERATIONS;

export function rebuild(recorded: Recorded, kept: Kept): Rebuilt {
  if (kept.body?.kind !== 'kept') return partly(recorded, kept);
  const action = actionOf(kept.body.body);
  if (action === undefined) return { kind: 'not', why: 'unreadable' };
  const { upstream } = recorded.what;
  if (upstream === ACCESS_BINDING) return { kind: 'whole', evaluation: accessOf(action, recorded) };
  if (upstream === OPERATIONS) return operationOf(action);
  return mcpOf(action, recorded, kept);
}

function actionOf(body: string): CanonicalAction | undefined {
  try {
    return readAction(encodeUtf8(body));
  } catch {
    return undefined; // edited in the store: nobody approves it either
  }
}

const principalOf = ({ who }: Recorded, { tenant, subject, act }: CanonicalAction): Principal => ({
  tenant,
  agent: who.agent,
  owner: null, // no fact
  team: who.team,
  subject,
  ...(act === undefined ? {} : { act }),
});

function accessOf(action: CanonicalAction, { who }: Recorded): Evaluation {
  const { action_properties = {}, context } = action.context;
  const question = {
    action: action.action.name,
    action_properties,
    resource: action.resource,
    context: context !== undefined && isJsonObject(context) ? context : {},
  };
  return { ...action, facts: factsOf(question, who) };
}

function operationOf({ tenant, subject, action, resource, context }: CanonicalAction): Rebuilt {
  const args = context['arguments'];
  const name = OPERATION_NAMES.find((each) => each === action.name) as OperationName | undefined;
  if (name === undefined || args === undefined || !isJsonObject(args))
    return { kind: 'not', why: 'unreadable' };
  const by = subject.id === FILES ? {} : { by: subject.id };
  return {
    kind: 'whole',
    evaluation: asked({ name, ...by, resource: resource.id, arguments: args }, tenant).evaluation,
  };
}

function mcpOf(action: CanonicalAction, recorded: Recorded, { accepted, schemas }: Kept): Rebuilt {
  const { upstream, env } = recorded.what;
  const principal = principalOf(recorded, action);
  const { context } = action;
  const pin = context['tool_pin'];
  const asking = {
    principal,
    upstream: { id: upstream, env, digest: text(objectOf(context['upstream'])?.['config_digest']) },
    method: action.action.name,
    params: paramsOf(action, {}),
  };
  try {
    if (pin === undefined) return { kind: 'whole', evaluation: toEvaluation(asking) };
    const found = accepted.find((each) => each.pin === pin);
    if (found === undefined) return { kind: 'not', why: 'tool_unknown' };
    // What it was accepted as before that, the pin no longer says.
    if (found.accepted_at > recorded.occurred_at) return { kind: 'not', why: 'tool_accepted_since' };
    const tool = pinOf(found);
    const fits = schemas.validator(tool.pin, tool.definition)?.(context['arguments'] ?? {}) === true;
    return { kind: 'whole', evaluation: toEvaluation({ ...asking, tool: { accepted: tool, fits } }) };
  } catch {
    return { kind: 'not', why: 'unreadable' }; // a method this version does not know
  }
}

const pinOf = ({ pin, class: as, definition }: AcceptedOnce): AcceptedPin => ({
  pin,
  class: as === 'read' || as === 'write' || as === 'destructive' ? as : 'unknown',
  definition: JSON.parse(definition) as JsonObject,
});

const objectOf = (value: Json | undefined): JsonObject | undefined =>
  value !== undefined && isJsonObject(value) ? value : undefined;
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Anything masked in it: then the log does not say what it was. */
const isMasked = (resource: string): boolean => resource.includes('[masked:');

/** From the entry alone: all but what stood in the arguments. */
function partly(recorded: Recorded, { body, accepted }: Kept): Rebuilt {
  const why = body === undefined ? 'not_kept' : body.kind === 'erased' ? 'erased' : 'too_large';
  const { what } = recorded;
  if (what.upstream === OPERATIONS) return { kind: 'not', why };
  if (what.upstream === ACCESS_BINDING) return { kind: 'partly', why, partly: accessPartly(recorded) };
  const known = mcpPartly(recorded, accepted);
  return known === undefined ? { kind: 'not', why } : { kind: 'partly', why, partly: known };
}

const ACCESS_UNKNOWN = ['action_properties', 'resource', 'context'];

function accessPartly({ who, what }: Recorded): PartlyKnown {
  const resource = { type: '', id: what.resource, properties: {} };
  const question = { action: what.action, action_properties: {}, resource, context: {} };
  const hidden = isMasked(what.resource);
  return {
    evaluation: { ...headOf(who, what, resource), facts: factsOf(question, who) },
    unknown: {
      scope: hidden ? ['resource'] : [],
      facts: ACCESS_UNKNOWN.map((each) => [ACCESS_BINDING, each]),
      confidence: false,
    },
  };
}

const MCP_UNKNOWN = ['args', 'arg_bytes', 'answers'];
const TOOL_UNKNOWN = ['annotations', 'pinned'];
const NAMES_UNKNOWN = ['tool', 'uri', 'prompt'];

function mcpPartly(
  { who, what, occurred_at }: Recorded,
  accepted: readonly AcceptedOnce[],
): PartlyKnown | undefined {
  const calls = what.action === 'tools/call';
  const [newest] = accepted;
  // One accepted since may have been accepted before, as something else.
  const then = newest !== undefined && newest.accepted_at <= occurred_at ? newest : undefined;
  const key = namingMember(what.action);
  const hidden = isMasked(what.resource);
  const resource = { type: '', id: what.resource, properties: {} };
  const head = headOf(who, what, resource);
  try {
    const evaluation = toEvaluation({
      principal: { ...head, agent: who.agent, owner: null, team: who.team },
      upstream: { id: what.upstream, env: what.env, digest: '' },
      method: what.action,
      params: key === undefined ? {} : { [key]: what.resource },
      ...(then === undefined ? {} : { tool: { accepted: pinOf(then), fits: true } }),
    });
    const facts = [
      ...MCP_UNKNOWN,
      ...(calls && then === undefined ? TOOL_UNKNOWN : []),
      ...(hidden ? NAMES_UNKNOWN : []),
    ];
    return {
      evaluation,
      unknown: {
        scope: [
          ...(calls && then === undefined ? (['class'] as const) : []),
          ...(hidden ? (['resource'] as const) : []),
        ],
        facts: facts.map((each) => ['mcp', each]),
        confidence: calls,
      },
    };
  } catch {
    return undefined; // a method this version does not know
  }
}

function headOf(who: Recorded['who'], what: Recorded['what'], resource: Evaluation['resource']) {
  return {
    tenant: '',
    subject: who.subject as unknown as Evaluation['subject'],
    ...(who.act === undefined ? {} : { act: who.act as unknown as NonNullable<Evaluation['act']> }),
    action: { name: what.action },
    resource,
    context: {},
  };
}
