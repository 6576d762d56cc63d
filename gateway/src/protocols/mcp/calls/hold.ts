/**
 * A call that waits for people (WIRE §8), by what the caller declared: as a task; else on a stream kept alive until the
 * soft deadline; then with a pending answer, to be asked again. Nothing runs for a caller that left: approval then waits
 * for the identical retry (I3). Silence is no (I14).
 */
import { isJsonObject, type Json, member } from '@countersign/core';
import type { Held, RequestView, Verdict } from '../../protocol.ts';
import { reclassed } from '../binding.ts';
import { type Answer, writeMessage } from '../wire/message.ts';
import { KEEPALIVE_MS, type Reply } from '../wire/reply.ts';
import { brokenAnswer, pendingAnswer, quarantinedAnswer, say, settledAnswer } from './answers.ts';
import { type Away, putAway, takeOut } from './away.ts';
import type { Call, Prepared } from './call.ts';
import { fetchPage } from './page.ts';
import type { Ran } from './run.ts';
import { declaresTasks } from './tasks/words.ts';
import { waitToolName } from './wait-tool.ts';

/** An answer this quick (another system's approval, a standing grant) needs no task: the call goes on as if allowed. */
const GRACE_MS = 250;

/** How a call goes on once approved: the same question, asked again on an open upstream. */
export type Next = { readonly call: Call; readonly prepared: Prepared; readonly verdict: Verdict };

type Waiting = {
  readonly call: Call;
  readonly prepared: Prepared;
  readonly held: Held;
  /** What is done once it goes on. */
  readonly rest: (next: Next) => Promise<Ran | undefined>;
};

type Parked = Pick<Waiting, 'held' | 'rest'> & { readonly away: Away };

/**
 * Lets the call wait. Resolves when it came to its end; for one that nobody attends to, as soon as it waits. Thousands
 * may wait, so what waits is kept small: nothing is suspended for it, and it is put away.
 */
export async function hold({ call, prepared, held, rest }: Waiting): Promise<Ran | undefined> {
  const { shared, request } = call;
  if (request.method === 'tools/call' && call.peer.era === 'modern' && declaresTasks(call.capabilities)) {
    const early = await held.settled(AbortSignal.timeout(GRACE_MS));
    if (early.status !== 'approved' && shared.openTask(call, prepared, held)) return undefined;
  }
  return park({ away: putAway({ call, prepared }), held, rest }, progressToken(call.request));
}

/** Keeps `parked`, and nothing else of the call. */
function park(parked: Parked, token: ProgressToken): Promise<Ran | undefined> {
  const { shared, reply, unattended } = parked.away.call;
  if (!unattended) return new Promise((resolve) => wait(parked, token, (view) => resolve(end(parked, view))));
  wait(parked, token, (view) => shared.follow(reply, end(parked, view)));
  return Promise.resolve(undefined);
}

async function end({ away, rest }: Parked, view: RequestView | undefined): Promise<Ran | undefined> {
  // Nobody is left to answer.
  if (view === undefined) return undefined;
  const { reply, request } = away.call;
  if (view.status !== 'approved') {
    const { shape } = away.prepared;
    say(
      reply,
      request.id,
      view.status === 'pending'
        ? pendingAnswer(shape, view, waitToolName(away.call.peer.catalog))
        : settledAnswer(shape, view),
    );
    return undefined;
  }
  const { call, prepared } = takeOut(away);
  const next = await again(call, prepared);
  if ('verdict' in next) return rest(next);
  say(reply, request.id, next);
  return undefined;
}

/**
 * Approved is not permitted: the upstream must still be open and the tool unchanged (A9), and policy is asked again;
 * the redemption happens there (I8). Held once more, because policy grew stricter meanwhile, is pending at once, so
 * that no call waits for ever.
 */
export async function again(call: Call, prepared: Prepared): Promise<Next | Answer> {
  const peer = await call.reopen();
  if (peer === undefined) return brokenAnswer(prepared.shape, 'unreachable', 'no');
  const renewed = { ...call, peer };
  const current = await asItStands(renewed, prepared);
  if (current === undefined) return quarantinedAnswer(prepared.shape, prepared.evaluation.resource.id, true);
  const verdict = await call.door.enforce(current.evaluation);
  if (verdict.kind !== 'held') return { call: renewed, prepared: current, verdict };
  const { request } = verdict.held;
  return {
    call: renewed,
    prepared: current,
    verdict: { kind: 'held', held: atOnce(request) },
  };
}

const atOnce = (request: RequestView): Held => ({
  request,
  settled: () => Promise.resolve(request),
  onSettled(listener) {
    let over = false;
    queueMicrotask(() => over || listener(request));
    return () => {
      over = true;
    };
  },
});

/** The question as it is now: policy must hear what the operator says of the tool today. Undefined: it is another tool. */
async function asItStands(call: Call, prepared: Prepared): Promise<Prepared | undefined> {
  const { pin, evaluation } = prepared;
  if (pin === undefined) return prepared;
  const tool = await call.peer.catalog.find(evaluation.resource.id, fetchPage(call));
  if (tool?.kind !== 'accepted' || tool.accepted.pin !== pin) return undefined;
  return { ...prepared, evaluation: reclassed(evaluation, tool.accepted) };
}

/** Waits on the open connection, then says what became of the request; undefined when nobody is there to be answered. */
function wait(
  { away, held }: Parked,
  token: ProgressToken,
  then: (view: RequestView | undefined) => void,
): void {
  const { shared, reply, caller, door } = away.call;
  const wait_ms = shared.deps.holdWait(door.principal.agent);
  const giveBack = wait_ms <= 0 ? undefined : shared.held.take(door.principal.agent);
  if (giveBack === undefined) {
    then(held.request);
    return;
  }
  let over = false;
  const done = (view: RequestView | undefined): void => {
    if (over) return;
    over = true;
    stop();
    clearTimeout(deadline);
    clearInterval(alive);
    giveBack();
    then(caller.left || reply.left ? undefined : view);
  };
  const leave = (): void => done(undefined);
  // Looks once more: what another process decided is announced to nobody here.
  const deadline = setTimeout(() => void held.settled(AbortSignal.abort()).then(done), wait_ms);
  const alive = progressOf(reply, token, wait_ms);
  reply.wait(`held for review: ${held.request.id}`);
  const stop = held.onSettled(done);
  reply.onLeave(leave);
  if (caller !== reply) caller.onLeave(leave);
}

/** Seconds waited, as progress: so small that what the upstream reports afterwards is more. */
const WAITED_UNIT = 1e-9;

type ProgressToken = string | number | undefined;

function progressToken({ params }: Call['request']): ProgressToken {
  const meta = params['_meta'];
  const token: Json | undefined = isJsonObject(meta) ? member(meta, 'progressToken') : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

/** Progress for a caller that gave a token: some reset their timers on it. It must grow, and never reaches its total. */
function progressOf(reply: Reply, token: ProgressToken, wait_ms: number): NodeJS.Timeout | undefined {
  if (token === undefined) return undefined;
  let waited = 0;
  const tell = (): void => {
    const progress = (waited / 1000) * WAITED_UNIT;
    reply.progressed(progress);
    const params = {
      progressToken: token,
      progress,
      message: 'Waiting for a person to review this action',
    };
    reply.event({
      data: writeMessage({ kind: 'notification', method: 'notifications/progress', params }),
    });
    waited += KEEPALIVE_MS;
  };
  tell();
  const timer = setInterval(tell, Math.min(KEEPALIVE_MS, wait_ms));
  timer.unref();
  return timer;
}
