/**
 * A task this process does not know, because the gateway was restarted: its action is read back from the canonical bytes
 * and asked again, exactly. What would not be the same question, byte for byte, is not asked at all (I3).
 */
import {
  actionBytes,
  type CanonicalAction,
  canonicalBytes,
  equalBytes,
  type JsonObject,
} from '@countersign/core';
import { paramsOf, toEvaluation } from '../../binding.ts';
import { mirroredParams } from '../../wire/headers.ts';
import type { Call, Prepared } from '../call.ts';
import { fetchPage } from '../page.ts';

/** Undefined: the tool changed, or anything else makes it another question. Then only the caller can ask it. */
export async function prepareAgain(call: Call, action: CanonicalAction): Promise<Prepared | undefined> {
  const { peer, door, shared } = call;
  const tool = await peer.catalog.find(action.resource.id, fetchPage(call));
  if (tool?.kind !== 'accepted') return undefined;
  const { accepted } = tool;
  const params = paramsOf(action, {});
  const { arguments: args = {} } = params;
  const fits = shared.schemas.validator(accepted.pin, accepted.definition)?.(args) === true;
  const evaluation = toEvaluation({
    principal: door.principal,
    upstream: peer.upstream,
    method: 'tools/call',
    params,
    tool: { accepted, fits },
  });
  if (!equalBytes(actionBytes(evaluation), canonicalBytes(action as unknown as JsonObject))) return undefined;
  const { inputSchema, outputSchema } = accepted.definition;
  return {
    evaluation,
    pin: accepted.pin,
    shape: { method: 'tools/call', modern: true, has_output_schema: outputSchema !== undefined },
    rewritten: true,
    mirrored: mirroredParams(inputSchema),
  };
}
