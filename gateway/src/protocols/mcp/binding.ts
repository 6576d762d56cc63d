/**
 * An MCP message as a question (AuthZEN, COAZ-MCP mapping; WIRE §1–2). Pure. Everything that would run stands in the
 * four parts; `_meta` keys leave only by the short list below. Facts are exact only for an accepted tool with arguments
 * that fit its schema; what the server says of its tool may raise, never lower (I11). It must never leave out a
 * parameter it does not know.
 */
import {
  type Claim,
  type Confidence,
  canonicalBytes,
  type Evaluation,
  encodeHex,
  type Facts,
  isJsonObject,
  type Json,
  type JsonObject,
  type Principal,
  sha256,
} from '@countersign/core';
import type { McpUpstreamConfig } from './config.ts';
import { type AcceptedPin, TOOL_CLASSES } from './tools/pins.ts';
import { META } from './wire/headers.ts';

export type Upstream = {
  readonly id: string;
  readonly env: string;
  readonly config: McpUpstreamConfig;
  /** {@link configDigest} of what the operator configured: references, never secrets. */
  readonly digest: string;
};

export function configDigest(config: JsonObject): string {
  return `sha256:${encodeHex(sha256(canonicalBytes(config)))}`;
}

export const SESSION_OPEN = 'session.open';
export const REASON_META = 'countersign/reason';

/** `_meta` keys that say how to talk, not what to do. All others are part of the action. */
const TALK = new Set([
  'progressToken',
  'traceparent',
  'tracestate',
  'baggage',
  REASON_META,
  ...['protocolVersion', 'clientInfo', 'clientCapabilities', 'logLevel'].map((key) => META + key),
]);

/** Version, trace, parent and flags, the trace not all zeros. Anything else is nobody's trace. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function originOf(talk: JsonObject, session: string | undefined): Evaluation['origin'] {
  const said = talk['traceparent'];
  const traceparent = typeof said === 'string' && TRACEPARENT.test(said) ? said : undefined;
  if (session === undefined && traceparent === undefined) return undefined;
  return {
    ...(session === undefined ? {} : { session }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

export function splitMeta(meta: Json | undefined): {
  readonly talk: JsonObject;
  readonly action: JsonObject;
} {
  const entries = isJsonObject(meta) ? Object.entries(meta) : [];
  return {
    talk: Object.fromEntries(entries.filter(([key]) => TALK.has(key))),
    action: Object.fromEntries(entries.filter(([key]) => !TALK.has(key))),
  };
}

/** Defaults when absent (2025-11-25 and later): a tool that says nothing is the worst it could be. */
const ANNOTATION_DEFAULTS = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
} as const;

function annotationsOf(definition: JsonObject | undefined): {
  readonly [K in keyof typeof ANNOTATION_DEFAULTS]: boolean;
} {
  const said = definition?.['annotations'];
  const read = (key: keyof typeof ANNOTATION_DEFAULTS): boolean => {
    const value = isJsonObject(said) ? said[key] : undefined;
    return typeof value === 'boolean' ? value : ANNOTATION_DEFAULTS[key];
  };
  return {
    readOnlyHint: read('readOnlyHint'),
    destructiveHint: read('destructiveHint'),
    idempotentHint: read('idempotentHint'),
    openWorldHint: read('openWorldHint'),
  };
}

export type Asking = {
  readonly principal: Principal;
  readonly upstream: Pick<Upstream, 'id' | 'env' | 'digest'>;
  readonly method: string;
  readonly params: JsonObject;
  /** For `tools/call`: the pin an operator accepted, and whether the arguments fit its schema. */
  readonly tool?: { readonly accepted: AcceptedPin; readonly fits: boolean };
  readonly claim?: Claim;
  readonly origin?: Evaluation['origin'];
};

/** What each method is about: resource type, and the member of `params` that names it. */
const ABOUT: {
  readonly [method: string]: { readonly type: string; readonly key?: string; readonly class: string };
} = {
  'tools/call': { type: 'tool', key: 'name', class: 'unknown' },
  'resources/read': { type: 'resource', key: 'uri', class: 'read' },
  'resources/subscribe': { type: 'resource', key: 'uri', class: 'read' },
  'prompts/get': { type: 'prompt', key: 'name', class: 'read' },
  'completion/complete': { type: 'completion', class: 'read' },
  'elicitation/answer': { type: 'answer', class: 'answer' },
  'sampling/answer': { type: 'answer', class: 'answer' },
  [SESSION_OPEN]: { type: 'upstream', class: 'session' },
};

/** The member of `params` that names what a method is about: it must be a string. */
export const namingMember = (method: string): string | undefined =>
  Object.hasOwn(ABOUT, method) ? ABOUT[method]?.key : undefined;

/** @throws TypeError for a method without a meaning: those never get here */
export function toEvaluation(asking: Asking): Evaluation {
  const { principal, upstream, method, params, tool, claim, origin } = asking;
  const about = Object.hasOwn(ABOUT, method) ? ABOUT[method] : undefined;
  if (about === undefined) throw new TypeError(`no binding for ${method}`);
  const { tenant, subject, act } = principal;
  const named = about.key === undefined ? undefined : params[about.key];
  const id = typeof named === 'string' ? named : upstream.id;
  const facts = factsOf(
    { principal, upstream, method, params, ...(tool === undefined ? {} : { tool }) },
    { ...about, id },
  );
  return {
    tenant,
    subject,
    ...(act === undefined ? {} : { act }),
    action: { name: method },
    resource: { id, properties: { upstream: upstream.id }, type: about.type },
    context: contextOf(upstream, params, { key: about.key, pin: tool?.accepted.pin }),
    facts,
    ...(claim === undefined ? {} : { claim }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** `arguments` stands by its own name; every other parameter under `params`, whatever it is, and of whatever type (A5). */
function contextOf(
  upstream: Asking['upstream'],
  params: JsonObject,
  { key, pin }: { readonly key: string | undefined; readonly pin: string | undefined },
): JsonObject {
  const { _meta, arguments: args, ...others } = params;
  const odd = _meta === undefined || isJsonObject(_meta) ? {} : { _meta };
  const rest = Object.fromEntries(
    Object.entries({ ...others, ...odd }).filter(
      ([name, value]) => name !== key || typeof value !== 'string',
    ),
  );
  const meta = splitMeta(_meta).action;
  return {
    ...(args === undefined ? {} : { arguments: args }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
    ...(Object.keys(rest).length === 0 ? {} : { params: rest }),
    ...(pin === undefined ? {} : { tool_pin: pin }),
    upstream: { config_digest: upstream.digest, id: upstream.id },
  };
}

/** The params to run, read back from the canonical action, with the words of this conversation (`talk`) added. */
export function paramsOf(
  action: {
    readonly action: { readonly name: string };
    readonly resource: { readonly id: string };
    readonly context: JsonObject;
  },
  talk: JsonObject,
): JsonObject {
  const key = ABOUT[action.action.name]?.key;
  const { arguments: args, params, meta } = action.context;
  const all = { ...talk, ...(isJsonObject(meta) ? meta : {}) };
  return {
    ...(key === undefined ? {} : { [key]: action.resource.id }),
    ...(args === undefined ? {} : { arguments: args }),
    ...(isJsonObject(params) ? params : {}),
    ...(Object.keys(all).length === 0 ? {} : { _meta: all }),
  };
}

function factsOf(
  { principal, upstream, method, params, tool }: Asking,
  about: { readonly type: string; readonly class: string; readonly id: string },
): Facts {
  const { arguments: args = method.endsWith('/answer') ? params : {} } = params;
  const annotations = annotationsOf(tool?.accepted.definition);
  return {
    binding: 'mcp',
    confidence: confidenceOf(method, tool),
    scope: {
      env: upstream.env,
      class: tool?.accepted.class ?? about.class,
      agent: principal.agent,
      team: principal.team ?? '',
      resource: about.id,
      upstream: upstream.id,
    },
    values: {
      method,
      tool: about.type === 'tool' ? about.id : '',
      args,
      uri: about.type === 'resource' ? about.id : '',
      prompt: about.type === 'prompt' ? about.id : '',
      annotations,
      pinned: { accepted: tool !== undefined, class: tool?.accepted.class ?? 'unknown', ...annotations },
      arg_bytes: JSON.stringify(args).length,
      answers: params['inputResponses'] !== undefined || method.endsWith('/answer'),
    },
  };
}

/** The same question about a tool an operator has classed anew since. */
export function reclassed(evaluation: Evaluation, { class: as }: AcceptedPin): Evaluation {
  const { facts } = evaluation;
  const pinned = isJsonObject(facts.values['pinned']) ? facts.values['pinned'] : {};
  return {
    ...evaluation,
    facts: {
      ...facts,
      scope: { ...facts.scope, class: as },
      values: { ...facts.values, pinned: { ...pinned, class: as } },
    },
  };
}

function confidenceOf(method: string, tool: Asking['tool']): Confidence {
  if (method !== 'tools/call') return 'exact';
  if (tool === undefined) return 'none';
  return tool.fits ? 'exact' : 'partial';
}

const HINTS = {
  readOnlyHint: { type: 'boolean' },
  destructiveHint: { type: 'boolean' },
  idempotentHint: { type: 'boolean' },
  openWorldHint: { type: 'boolean' },
};

/** What this binding offers to policy (structurally a `BindingSchema`): CEL sees `mcp.<name>`. */
export const mcpBinding = {
  name: 'mcp',
  facts: {
    type: 'object',
    additionalProperties: false,
    properties: {
      method: {
        type: 'string',
        enum: Object.keys(ABOUT),
        description: 'The MCP method, such as tools/call; session.open for opening the upstream.',
      },
      tool: { type: 'string', description: 'Name of the tool, or empty.' },
      args: {
        description:
          'The arguments as sent. Typed by the accepted tool’s input schema where a rule names the tool.',
      },
      uri: { type: 'string', description: 'URI of the resource read, or empty.' },
      prompt: { type: 'string', description: 'Name of the prompt, or empty.' },
      annotations: {
        type: 'object',
        additionalProperties: false,
        properties: HINTS,
        description: 'The server’s own hints, worst case where absent. They may raise only.',
      },
      pinned: {
        type: 'object',
        additionalProperties: false,
        properties: {
          accepted: { type: 'boolean' },
          class: { type: 'string', enum: TOOL_CLASSES },
          ...HINTS,
        },
        description: 'What the accepted pin says.',
      },
      arg_bytes: { type: 'integer', description: 'Size of the arguments as JSON.' },
      answers: {
        type: 'boolean',
        description: 'The message carries a caller’s answers to the server’s questions.',
      },
    },
  },
  obligations: ['mask'],
} as const;
