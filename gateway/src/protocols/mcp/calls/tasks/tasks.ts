/**
 * The table of tasks, and the three methods of the Tasks extension (SEP-2663). A task is found only by the agent and
 * upstream it was made for; to anyone else it does not exist. After a restart the request behind an id still answers
 * from the store: what ran is told, what did not run waits for the identical call.
 */
import { randomUUID } from 'node:crypto';
import { type CanonicalAction, isJsonObject, type JsonObject } from '@countersign/core';
import { callerName } from '../../../../identity/caller.ts';
import { FairShare, type Share } from '../../../../limits/share.ts';
import type { RequestView, Session } from '../../../protocol.ts';
import { type Answer, CODE, writeAnswer } from '../../wire/message.ts';
import { REQUEST_META, requestMeta, settledAnswer, settledSentence } from '../answers.ts';
import type { Call, Prepared, Shared } from '../call.ts';
import { cancelDelegated, followDelegated, lookDelegated, updateDelegated } from './delegated.ts';
import { prepareAgain } from './revive.ts';
import {
  attended,
  detailOf,
  drive,
  giveAnswers,
  goOnAttended,
  isOver,
  messageOf,
  move,
  ownedBy,
  type TaskRecord,
} from './task.ts';
import { POLL_INTERVAL_MS, type TaskDetail, taskShape } from './words.ts';

/** The longest an upstream's own task is followed, whatever it says of itself. */
const LASTING_MS_MAX = 7 * 86_400_000;
/** How long a result is kept after its request's own time. */
const KEPT_MS = 3_600_000;

/** Opens the upstream for a call read back from its action. */
export type Reopen = (action: CanonicalAction) => Promise<Call>;

export type TaskAsk = {
  readonly door: Session;
  readonly upstream: string;
  readonly params: JsonObject;
  /** The call as the one who now asks would make it: with what it came with this time. */
  readonly attend: (call: Call) => Call;
};

export class Tasks {
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #max: number;
  /** Held by tasks that are not over. */
  readonly #places: FairShare;
  readonly #reviving = new Map<string, Promise<TaskRecord | undefined>>();

  /** Of places for those not over, no agent can take every one (A21); of those over the oldest make room. */
  constructor({ tasks_max }: { readonly tasks_max: number }) {
    this.#max = tasks_max;
    this.#places = new FairShare(() => tasks_max);
  }

  get places(): Share {
    return this.#places;
  }

  /** Answers with the task, and drives it from now on. The request it stands for is durable already. */
  readonly open: Shared['openTask'] = (call, prepared, held) => {
    const { request } = held;
    const known = this.#tasks.get(request.id);
    const task =
      known !== undefined && ownedBy(known, call.door, call.peer.upstream.id)
        ? known
        : this.#add(call, prepared, {
            id: request.id,
            lasting_ms: request.expires_at - request.opened_at,
          });
    if (task === undefined) return false;
    if (task !== known) {
      move(task, { kind: 'waiting', held });
      void drive(task, { kind: 'held', held }).then(() => followDelegated(task));
    }
    call.reply.answer(writeAnswer(call.request.id, { result: created(task) }));
    return true;
  };

  /** The upstream answered an allowed call with a task of its own: told under an id of the gateway's. */
  readonly adopt: Shared['adoptTask'] = (call, prepared, { permit, task: theirs, upstream_task }) => {
    const ttl = theirs['ttlMs'];
    const task = this.#add(call, prepared, {
      id: `task_${randomUUID()}`,
      lasting_ms: typeof ttl === 'number' ? ttl : KEPT_MS,
    });
    if (task === undefined) return undefined;
    move(task, { kind: 'delegated', upstream_task, permit, seen: { status: 'working' } });
    void followDelegated(task);
    return { ...theirs, ...created(task) };
  };

  /** Undefined: as many tasks as this agent may have are not over yet. */
  #add(
    call: Call,
    prepared: Prepared,
    { id, lasting_ms }: { id: string; lasting_ms: number },
  ): TaskRecord | undefined {
    const now = call.shared.deps.now();
    this.#sweep(now);
    const { principal } = call.door;
    const leave = this.#places.take(principal.agent);
    if (leave === undefined) return undefined;
    this.#makeRoom();
    const task: TaskRecord = {
      id,
      caller: callerName(principal),
      leave,
      upstream: call.peer.upstream.id,
      created_at: now,
      updated_at: now,
      ttl_ms: Math.min(LASTING_MS_MAX, Math.max(1, Math.ceil(lasting_ms))) + KEPT_MS,
      abort: new AbortController(),
      call,
      prepared,
      state: { kind: 'running' },
    };
    this.#tasks.set(id, task);
    return task;
  }

  /** Drops what is past its time, the oldest first. */
  #sweep(now: number): void {
    for (const task of this.#tasks.values()) {
      if (now <= task.created_at + task.ttl_ms) return;
      this.#drop(task);
    }
  }

  /** Room for one more: what is not over is never dropped for another, and is bounded by its place. */
  #makeRoom(): void {
    if (this.#tasks.size < this.#max) return;
    const oldest = this.#tasks.values().find(isOver);
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(task: TaskRecord): void {
    abandon(task);
    task.leave();
    this.#tasks.delete(task.id);
  }

  #find({ door, upstream, params, attend }: TaskAsk): TaskRecord | undefined {
    const task = this.#tasks.get(idOf(params));
    if (task === undefined || !ownedBy(task, door, upstream)) return undefined;
    if (attended(task, attend)) void goOnAttended(task).then(() => followDelegated(task));
    return task;
  }

  async get(ask: TaskAsk, reopen: Reopen): Promise<Answer> {
    const task = this.#find(ask) ?? (await this.#revived(ask, reopen));
    if (task === undefined) return this.#remembered(ask);
    await lookDelegated(task);
    if (task.state.kind === 'done') task.state.permit?.delivered();
    return {
      result: {
        resultType: 'complete',
        ...taskShape(task.id, task, { detail: detailOf(task), message: messageOf(task) }),
      },
    };
  }

  /** Takes up again what a restart left waiting or approved but not run. */
  async #revived(ask: TaskAsk, reopen: Reopen): Promise<TaskRecord | undefined> {
    const id = idOf(ask.params);
    const view = await ask.door.find(id);
    const open = view?.status === 'pending' || (view?.status === 'approved' && view.execution === undefined);
    if (view === undefined || view.upstream !== ask.upstream || !open) return undefined;
    const reviving =
      this.#reviving.get(id) ?? this.#revive(ask, view, reopen).finally(() => this.#reviving.delete(id));
    this.#reviving.set(id, reviving);
    return reviving;
  }

  async #revive({ door }: TaskAsk, view: RequestView, reopen: Reopen): Promise<TaskRecord | undefined> {
    const action = await door.recall(view.id);
    if (action?.action.name !== 'tools/call') return undefined;
    const call = await reopen(action);
    const prepared = await prepareAgain(call, action);
    if (prepared === undefined) return undefined;
    const task = this.#add(call, prepared, { id: view.id, lasting_ms: view.expires_at - view.opened_at });
    if (task === undefined) return undefined;
    void drive(task, await door.enforce(prepared.evaluation)).then(() => followDelegated(task));
    return task;
  }

  /** A request whose task this process does not know. */
  async #remembered({ door, upstream, params }: TaskAsk): Promise<Answer> {
    const view = await door.find(idOf(params));
    if (view === undefined || view.upstream !== upstream) return unknown();
    const times = {
      created_at: view.opened_at,
      updated_at: view.resolved_at ?? view.opened_at,
      ttl_ms: view.expires_at - view.opened_at + KEPT_MS,
    };
    return {
      result: {
        resultType: 'complete',
        ...taskShape(view.id, times, { detail: rememberedDetail(view), message: settledSentence(view) }),
      },
    };
  }

  async #isOwn({ door, upstream, params }: TaskAsk): Promise<boolean> {
    return (await door.find(idOf(params)))?.upstream === upstream;
  }

  async update(ask: TaskAsk, next: (prepared: Prepared, more: JsonObject) => Prepared): Promise<Answer> {
    const task = this.#find(ask);
    const responses = ask.params['inputResponses'];
    if (!isJsonObject(responses))
      return { error: { code: CODE.invalid_params, message: 'params.inputResponses: must be an object' } };
    if (task === undefined) return (await this.#isOwn(ask)) ? ACKNOWLEDGED : unknown();
    if (task.state.kind === 'delegated') return updateDelegated(task, responses);
    void giveAnswers(task, responses, next)
      .then(() => followDelegated(task))
      .catch((error: unknown) =>
        task.call.shared.deps.log.error(
          { task: task.id, error: String(error) },
          'answers to a task were lost',
        ),
      );
    return ACKNOWLEDGED;
  }

  /** Withdraws the request; cancels what runs. A task that is over stays as it is. */
  async cancel(ask: TaskAsk): Promise<Answer> {
    const task = this.#find(ask);
    if (task === undefined) {
      const view = await ask.door.find(idOf(ask.params));
      if (view === undefined || view.upstream !== ask.upstream) return unknown();
      if (view.status === 'pending') await ask.door.cancel(view.id);
      return ACKNOWLEDGED;
    }
    if (isOver(task)) return ACKNOWLEDGED;
    if (task.state.kind === 'delegated') return cancelDelegated(task);
    const waiting = task.state.kind === 'waiting' ? task.state.held.request.id : undefined;
    move(task, { kind: 'cancelled' });
    task.abort.abort();
    if (waiting !== undefined) await ask.door.cancel(waiting);
    return ACKNOWLEDGED;
  }

  close(): void {
    for (const task of this.#tasks.values()) this.#drop(task);
  }
}

const ACKNOWLEDGED: Answer = { result: { resultType: 'complete' } };
const unknown = (): Answer => ({
  error: { code: CODE.invalid_params, message: 'params.taskId: no such task' },
});
const idOf = (params: JsonObject): string => (typeof params['taskId'] === 'string' ? params['taskId'] : '');

const created = (task: TaskRecord): JsonObject => ({
  resultType: 'task',
  ...(task.state.kind === 'waiting'
    ? { _meta: { [REQUEST_META]: requestMeta(task.state.held.request) } }
    : {}),
  ...taskShape(task.id, task, { detail: { status: 'working' }, message: messageOf(task) }),
  pollIntervalMs: POLL_INTERVAL_MS,
});

/** Nobody will learn any more how it ends: what may have run is recorded as unknown (I9). */
function abandon(task: TaskRecord): void {
  if (task.state.kind === 'delegated')
    void task.state.permit.finish({
      status: 'unknown',
      summary: 'the upstream’s task was not followed to its end',
    });
  task.abort.abort();
}

function rememberedDetail(view: RequestView): TaskDetail {
  if (view.status === 'cancelled') return { status: 'cancelled' };
  const shape = { method: 'tools/call', modern: true, has_output_schema: true };
  const { execution } = view;
  if (
    view.status === 'pending' ||
    (view.status === 'approved' && (execution === undefined || execution.status === 'started'))
  )
    return { status: 'working' };
  if (execution?.result === undefined)
    return { status: 'completed', result: settledAnswer(shape, view).result ?? null };
  const kept = JSON.parse(execution.result.body) as Answer;
  return kept.error === undefined
    ? { status: 'completed', result: kept.result ?? null }
    : { status: 'failed', error: kept.error };
}
