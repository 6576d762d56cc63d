/** Callers of revision 2026-07-28: POST only, no sessions, headers that agree with the body; a closed stream is a cancelled call. */
import type { IncomingHttpHeaders } from 'node:http';
import { type CanonicalAction, isJsonObject, type JsonObject, member } from '@countersign/core';
import type { Session } from '../../protocol.ts';
import { paramsOf, splitMeta, type Upstream } from '../binding.ts';
import { say } from '../calls/answers.ts';
import { ask } from '../calls/ask.ts';
import type { Call, Peer, Prepared, Shared } from '../calls/call.ts';
import { listTools, pass } from '../calls/pass.ts';
import type { Tasks } from '../calls/tasks/tasks.ts';
import { declaresTasks, TASKS_EXTENSION } from '../calls/tasks/words.ts';
import { handlingOf } from '../methods.ts';
import { checkEnvelope, checkName } from '../wire/headers.ts';
import { CODE, type Message, type Request, WireError } from '../wire/message.ts';
import type { Reply } from '../wire/reply.ts';
import type { Seats } from './seats.ts';

type Asked = { readonly request: Request; readonly meta: JsonObject; readonly capabilities: JsonObject };

export type ModernOptions = { readonly shared: Shared; readonly seats: Seats; readonly tasks: Tasks };

export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly message: Message;
  readonly bytes: Buffer;
  readonly reply: Reply;
  readonly door: Session;
  readonly upstream: Upstream;
};

/** @throws WireError */
export async function serveModern(options: ModernOptions, received: Received): Promise<void> {
  const { message, headers, reply } = received;
  if (message.kind === 'response')
    throw new WireError(
      'Revision 2026-07-28 has no answers from clients: retry the request with inputResponses',
      { status: 400, code: CODE.invalid_request },
    );
  // This revision defines no notification from a client over HTTP: taken, and passed to nobody.
  if (message.kind === 'notification') return reply.bare(202);
  const { meta, capabilities } = checkEnvelope(headers, message);
  const handling = handlingOf('modern', message.method);
  if (handling === undefined)
    throw new WireError(`Method not found: ${message.method}`, {
      status: 404,
      code: CODE.method_not_found,
      id: message.id,
    });
  checkName(headers, message);
  if (handling === 'tasks' || asksForTasks(message)) mustDeclareTasks(message, capabilities);
  if (handling === 'tasks') return serveTasks(options, received, { request: message, meta, capabilities });
  const call = await toCall(options, received, { request: message, meta, capabilities });
  if (handling === 'listed') await listTools(call);
  else if (handling === 'passed') await pass(call);
  else await ask(call, headers);
}

async function toCall(
  { shared, seats }: ModernOptions,
  { reply, bytes, door, upstream }: Received,
  asked: Asked,
): Promise<Call> {
  const { request, meta, capabilities } = asked;
  // Kept while the call waits: the id, and not all that was asked.
  const { id } = request;
  const take = (): Promise<Peer> => seats.take({ door, upstream, id, caller: reply });
  return {
    shared,
    peer: await take(),
    door,
    request,
    bytes,
    talk: splitMeta(meta).talk,
    capabilities,
    reply,
    caller: reply,
    unattended: true,
    reopen: () => take().catch(() => undefined),
  };
}

const asksForTasks = ({ method, params }: Request): boolean =>
  method === 'subscriptions/listen' &&
  isJsonObject(params['notifications']) &&
  member(params['notifications'], 'taskIds') !== undefined;

function mustDeclareTasks(request: Request, capabilities: JsonObject): void {
  if (declaresTasks(capabilities)) return;
  const data = { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } };
  throw new WireError('Missing required client capability', {
    status: 400,
    code: CODE.missing_capability,
    id: request.id,
    data,
  });
}

async function serveTasks(options: ModernOptions, received: Received, asked: Asked): Promise<void> {
  const { tasks } = options;
  const { reply, door, upstream } = received;
  const { id, method, params } = asked.request;
  const about = {
    door,
    upstream: upstream.id,
    params,
    attend: (call: Call): Call => ({
      ...call,
      door,
      reopen: () => options.seats.take({ door, upstream, id, caller: reply }).catch(() => undefined),
    }),
  };
  if (method === 'tasks/get') {
    const reopen = (action: CanonicalAction): Promise<Call> =>
      toCall(options, received, {
        ...asked,
        request: { kind: 'request', id, method: 'tools/call', params: paramsOf(action, {}) },
      });
    return say(reply, id, await tasks.get(about, reopen));
  }
  if (method === 'tasks/cancel') return say(reply, id, await tasks.cancel(about));
  return say(reply, id, await tasks.update(about, nextRound));
}

/** The same question with the caller's answers in it: other content, so another digest. */
function nextRound(prepared: Prepared, more: JsonObject): Prepared {
  const { evaluation } = prepared;
  const params = isJsonObject(evaluation.context['params']) ? evaluation.context['params'] : {};
  const context = { ...evaluation.context, params: { ...params, ...more } };
  const facts = { ...evaluation.facts, values: { ...evaluation.facts.values, answers: true } };
  return { ...prepared, rewritten: true, evaluation: { ...evaluation, context, facts } };
}
