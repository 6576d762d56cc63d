/**
 * `approval_wait`: a read-only tool of the gateway's own, so that a model whose call waits for approval has something
 * sensible to do. It only looks at the caller's own requests; it runs nothing and decides nothing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { RequestView } from '../../protocol.ts';
import type { Catalog } from '../tools/catalog.ts';
import { CODE, writeAnswer } from '../wire/message.ts';
import { settledSentence, structuredOf } from './answers.ts';
import type { Call } from './call.ts';
import { fetchPage } from './page.ts';

const NAMES = ['approval_wait', 'countersign_approval_wait', 'countersign_gateway_approval_wait'] as const;
const WAIT_S_MAX = 45;
const LOOK_EVERY_MS = 500;

/** The first name no accepted tool has; a server cannot take the tool away by taking its name. */
export const waitToolName = (catalog: Pick<Catalog, 'accepts'>): string =>
  NAMES.find((name) => !catalog.accepts(name)) ?? NAMES[2];

export const waitToolOf = (name: string): JsonObject => ({
  name,
  title: 'Wait for an approval',
  description:
    'Waits until a person has answered an approval request of yours, or until the time is up, and says how it stands. It runs nothing: once approved, call the original tool again with exactly the same arguments.',
  inputSchema: {
    type: 'object',
    properties: {
      approval_id: { type: 'string', description: 'The id of the approval request.' },
      wait_s: {
        type: 'integer',
        minimum: 0,
        maximum: WAIT_S_MAX,
        description: `How long to wait, in seconds; at most ${WAIT_S_MAX}.`,
      },
    },
    required: ['approval_id'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
});

/** Is this call for the gateway's tool? Unless an accepted tool of the upstream has that name, as in the list. */
export async function isWaitTool(call: Call): Promise<boolean> {
  const { name } = call.request.params;
  if (typeof name !== 'string' || !NAMES.some((each) => each === name)) return false;
  const found = await call.peer.catalog.find(name, fetchPage(call));
  return found?.kind !== 'accepted';
}

export async function callWaitTool(call: Call): Promise<void> {
  const { request, reply, door, caller, shared } = call;
  const args = isJsonObject(request.params['arguments']) ? request.params['arguments'] : {};
  const { approval_id, wait_s = 0 } = args;
  const wrong = Object.keys(args).find((key) => key !== 'approval_id' && key !== 'wait_s');
  if (
    typeof approval_id !== 'string' ||
    typeof wait_s !== 'number' ||
    !(wait_s >= 0 && wait_s <= WAIT_S_MAX) ||
    wrong !== undefined
  ) {
    const message = `arguments: approval_id must be a string, wait_s a number from 0 to ${WAIT_S_MAX}, and nothing else`;
    reply.answer(writeAnswer(request.id, { error: { code: CODE.invalid_params, message } }));
    return;
  }
  const until = shared.deps.now() + wait_s * 1000;
  let view = await door.find(approval_id);
  // Waiting takes a place as a held call does; without one it is told at once how it stands (A21).
  const waits = view?.status === 'pending' && wait_s > 0;
  const giveBack = waits ? shared.held.take(door.principal.agent) : undefined;
  try {
    while (
      giveBack !== undefined &&
      view?.status === 'pending' &&
      shared.deps.now() < until &&
      !caller.left &&
      !reply.left
    ) {
      if (!reply.streaming) reply.stream();
      await pause(Math.min(LOOK_EVERY_MS, Math.max(1, until - shared.deps.now())));
      view = await door.find(approval_id);
    }
  } finally {
    giveBack?.();
  }
  reply.answer(writeAnswer(request.id, { result: resultOf(view, approval_id, call.peer.era === 'modern') }));
}

function resultOf(view: RequestView | undefined, approval_id: string, modern: boolean): JsonObject {
  const kind: JsonObject = modern ? { resultType: 'complete' } : {};
  if (view === undefined) {
    return {
      ...kind,
      isError: true,
      content: [
        { type: 'text', text: `There is no approval request ${approval_id.slice(0, 100)} of yours.` },
      ],
    };
  }
  return {
    ...kind,
    content: [{ type: 'text', text: settledSentence(view) }],
    structuredContent: structuredOf(view),
  };
}
