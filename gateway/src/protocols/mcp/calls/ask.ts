/**
 * Takes one call through the door. The order: is the tool what was accepted; does the header say what the body says;
 * what exactly is asked; may it happen; and then the one thing the verdict says. Nothing is sent upstream before that.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject, member } from '@countersign/core';
import type { Verdict } from '../../protocol.ts';
import { namingMember, originOf, REASON_META, toEvaluation } from '../binding.ts';
import type { AcceptedPin } from '../tools/pins.ts';
import { takeReason } from '../tools/reason.ts';
import { checkParamHeaders, mirroredParams } from '../wire/headers.ts';
import { type Answer, CODE } from '../wire/message.ts';
import {
  absentAnswer,
  noCatalogAnswer,
  quarantinedAnswer,
  refusedAnswer,
  replayedAnswer,
  type Shape,
  say,
} from './answers.ts';
import type { Call, Prepared } from './call.ts';
import { hold, type Next } from './hold.ts';
import { fetchPage } from './page.ts';
import { type Ran, runAndAnswer } from './run.ts';
import { callWaitTool, isWaitTool } from './wait-tool.ts';

/** Of a tool, a prompt, a resource: what stands in the log and in every list (I15). */
const NAME_CHARACTERS_MAX = 8_192;

/** Takes the call to its answer, or to where it waits unattended. Resolves to how it ran, if it ran here. */
export async function ask(call: Call, headers: IncomingHttpHeaders): Promise<Ran | undefined> {
  if (call.request.method === 'tools/call' && (await isWaitTool(call))) {
    await callWaitTool(call);
    return undefined;
  }
  const prepared = await prepare(call, headers);
  if (!('evaluation' in prepared)) {
    say(call.reply, call.request.id, prepared);
    return undefined;
  }
  return act(call, prepared, await call.door.enforce(prepared.evaluation));
}

/** Does what the verdict says; there is no other way to go on from one. */
async function act(call: Call, prepared: Prepared, verdict: Verdict): Promise<Ran | undefined> {
  switch (verdict.kind) {
    case 'permitted':
      return runAndAnswer(call, prepared, verdict.permit);
    case 'held':
      return hold({ call, prepared, held: verdict.held, rest: goOn });
    case 'refused':
      say(call.reply, call.request.id, refusedAnswer(prepared.shape, verdict.refusal));
      return undefined;
    case 'replayed':
      say(call.reply, call.request.id, replayedAnswer(prepared.shape, verdict.result, verdict.execution_id));
      return undefined;
  }
}

const goOn = ({ call, prepared, verdict }: Next): Promise<Ran | undefined> => act(call, prepared, verdict);

/** The question, or the answer when there is nothing to ask. @throws WireError for headers that disagree */
async function prepare(call: Call, headers: IncomingHttpHeaders): Promise<Prepared | Answer> {
  const { request, peer, door, talk } = call;
  const { method, params } = request;
  const shape: Shape = { method, modern: peer.era === 'modern', has_output_schema: false };
  const origin = originOf(talk, call.session);
  const asked = {
    principal: door.principal,
    upstream: peer.upstream,
    method,
    ...(origin === undefined ? {} : { origin }),
  };
  const key = namingMember(method);
  const name = key === undefined ? '' : member(params, key);
  // Otherwise policy would be asked about one thing, and the upstream might read another.
  if (typeof name !== 'string')
    return { error: { code: CODE.invalid_params, message: `params.${key}: must be a string` } };
  if (name.length > NAME_CHARACTERS_MAX) {
    const message = `params.${key}: longer than ${NAME_CHARACTERS_MAX} characters`;
    return { error: { code: CODE.invalid_params, message } };
  }
  if (method !== 'tools/call') {
    return { evaluation: toEvaluation({ ...asked, params }), shape, rewritten: false, mirrored: [] };
  }
  const tool = await peer.catalog.find(name, fetchPage(call));
  if (tool === undefined) return noCatalogAnswer(shape);
  if (tool.kind === 'absent') return absentAnswer(name);
  if (tool.kind === 'quarantined') return quarantinedAnswer(shape, name, tool.changed);
  const { accepted } = tool;
  const mirrored = peer.era === 'modern' ? mirroredParams(accepted.definition['inputSchema']) : [];
  checkParamHeaders(headers, request, mirrored);
  const stated = reasonOf(call, accepted, withoutLegacyTask(params));
  const claim = stated.claim ?? claimOf(talk);
  const { arguments: args = {} } = stated.params;
  const fits = call.shared.schemas.validator(accepted.pin, accepted.definition)?.(args) === true;
  return {
    evaluation: toEvaluation({
      ...asked,
      params: stated.params,
      tool: { accepted, fits },
      ...(claim === undefined ? {} : { claim }),
    }),
    shape: { ...shape, has_output_schema: accepted.definition['outputSchema'] !== undefined },
    pin: accepted.pin,
    rewritten: stated.params !== params,
    mirrored,
  };
}

function reasonOf(
  call: Call,
  { definition }: AcceptedPin,
  params: JsonObject,
): ReturnType<typeof takeReason> {
  const name = definition['name'];
  const asks =
    typeof name === 'string' &&
    call.shared.deps.asksReason({ upstream: call.peer.upstream.id, resource: name });
  return asks ? takeReason(params, definition) : { params };
}

/** The `task` member of 2025-11-25's experimental tasks: not offered here, so it is ignored, as both revisions say. */
function withoutLegacyTask(params: JsonObject): JsonObject {
  if (!Object.hasOwn(params, 'task') || !isJsonObject(params['task'])) return params;
  const { task: _ignored, ...rest } = params;
  return rest;
}

function claimOf(talk: JsonObject): { readonly reason: string } | undefined {
  const reason = talk[REASON_META];
  return typeof reason === 'string' && reason.trim() !== ''
    ? { reason: reason.slice(0, 2_000).toWellFormed() }
    : undefined;
}
