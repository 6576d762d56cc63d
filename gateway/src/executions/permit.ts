/**
 * From a decision to the right to run, once. `execution started` is durable before a permit exists (I2): a crash before
 * the commit means nothing ran; a crash after it means it may have run, and recovery says `unknown` (I9).
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Allow, CanonicalAction, Decision } from '@countersign/core';
import type { ExecutionStatus } from '@countersign/sdk';
import type { About } from '../audit/facts/about.ts';
import type { Started } from '../audit/facts/ran.ts';
import { epochGuard } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { executionId, payloadId } from '../ids.ts';
import { newSalt, type Payload, storePayload, storePayloadOf } from '../payloads.ts';
import type { Permit, RunOutcome } from '../protocols/protocol.ts';
import type { Step } from '../store/store.ts';
import type { Asked, Decided } from './asked.ts';

export const SESSION_OPEN = 'session.open';

/** What one execution is, from its start to its end: no more of it than the end needs, because upstreams take their time. */
type Run = {
  readonly execution_id: string;
  readonly about: About;
  readonly obligations: Decision['obligations'];
  /** Read back from the canonical bytes. */
  readonly action: () => CanonicalAction;
  readonly epoch: number;
  readonly started_at: number;
  /** The entry it began with. */
  readonly started_event: string;
  readonly redeemed?: {
    readonly request_id: string;
    readonly valid_until: number;
    readonly broken_glass?: string;
  };
  /** The request whose grant it is a use of. */
  readonly granted_by?: string;
};

export type InsertExecution = {
  readonly execution_id: string;
  /**
   * `unknown` from the start when the caller enforces: what it then does, it does not tell us (I9). `succeeded` when what
   * was approved is a change of the gateway's own, made in this very transaction.
   */
  readonly status?: 'started' | 'unknown' | 'succeeded';
  readonly asked: Asked;
  readonly now: number;
  /** The grant it is a use of. Known by its matching key, so that a run nobody knows the end of is not made again (I9). */
  readonly granted?: { readonly grant_id: string; readonly match_key: string };
  readonly redeemed?: {
    readonly request_id: string;
    readonly approval_id: string;
    readonly match_key: string;
    readonly valid_until: number;
  };
};

export function insertExecution({
  execution_id,
  asked,
  now,
  redeemed,
  granted,
  status = 'started',
}: InsertExecution): Step {
  return {
    name: 'start',
    sql: `INSERT INTO executions (id, request_id, approval_id, evaluation_id, agent, upstream, action_digest, match_key, status, started_at, ended_at, result_payload_id, delivered_at, valid_until)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, $12)`,
    params: [
      execution_id,
      redeemed?.request_id ?? null,
      redeemed?.approval_id ?? granted?.grant_id ?? null,
      asked.evaluation_id,
      asked.principal.agent,
      asked.about.upstream,
      asked.about.action_digest,
      redeemed?.match_key ?? granted?.match_key ?? null,
      status,
      now,
      status === 'started' ? null : now,
      redeemed?.valid_until ?? null,
    ],
    rows: 1,
  };
}

export type EnforcedBy = 'gateway' | 'caller';

/** An action policy allows outright. Undefined: the authority changed meanwhile, ask again. */
export function permitAllowed(
  deps: Deps,
  decided: Decided<Allow>,
  { epoch, enforced_by }: { epoch: number; enforced_by: EnforcedBy },
): Promise<Permit | undefined> {
  const status = enforced_by === 'caller' ? 'unknown' : 'started';
  return startExecution(deps, decided, {
    name: 'permit',
    now: deps.now(),
    epoch,
    enforced_by,
    steps: [],
    execution: { status },
  });
}

type Start = {
  /** Of the command, for faults. */
  readonly name: string;
  readonly now: number;
  readonly epoch: number;
  readonly enforced_by: EnforcedBy;
  /** What must hold, or is used up, in the same transaction. */
  readonly steps: readonly Step[];
  readonly execution: Pick<InsertExecution, 'status' | 'granted'>;
  readonly grant?: Started['grant'];
};

/** Runs exactly what was asked. Undefined: a step did not hold, nothing happened. */
export async function startExecution(
  deps: Deps,
  { asked, decision }: Decided,
  { name, now, epoch, enforced_by, steps, execution, grant }: Start,
): Promise<Permit | undefined> {
  const execution_id = executionId(now);
  const started = deps.events.executionStarted(asked.about, {
    at: now,
    execution_id,
    decision,
    enforced_by,
    ...(grant === undefined ? {} : { grant }),
  });
  const outcome = await deps.store.commit({
    name,
    steps: [
      epochGuard(epoch),
      ...steps,
      insertExecution({ execution_id, asked, now, ...execution }),
      storePayload(asked.payload, now),
    ],
    entries: [started.entry],
  });
  if (!outcome.ok) return undefined;
  started.committed();
  const run: Run = {
    execution_id,
    about: asked.about,
    obligations: decision.obligations,
    action: asked.action,
    epoch,
    started_at: now,
    started_event: started.entry.event_id,
    ...(grant === undefined ? {} : { granted_by: grant.request_id }),
  };
  tell(deps, run, { status: execution.status ?? 'started', at: now });
  return asPermit(deps, run);
}

/** Whoever looks at the request that let it through. What policy alone allowed, nobody waits for. */
function tell(
  { bus }: Deps,
  { execution_id, redeemed, granted_by }: Run,
  { status, at }: { readonly status: ExecutionStatus; readonly at: number },
): void {
  const request_id = redeemed?.request_id ?? granted_by;
  if (request_id !== undefined)
    bus.publish({ request_id, status: 'approved', at, run: { execution_id, status } });
}

export function asPermit(deps: Deps, run: Run): Permit {
  let finished: Promise<void> | undefined;
  let action: CanonicalAction | undefined;
  const opens = run.about.action === SESSION_OPEN;
  return {
    execution_id: run.execution_id,
    held: run.redeemed !== undefined,
    // Read only when asked for: what was never held travels as it came.
    get action() {
      action ??= run.action();
      return action;
    },
    obligations: run.obligations,
    credentials: opens ? deps.credentialsOf(run.about.upstream) : null,
    current: () => deps.authority.current().epoch === run.epoch,
    mask: (value) => deps.masking.mask(value, run.obligations),
    maskApart: (value) => deps.masking.maskApart(value, run.obligations, run.about.principal.agent),
    finish: (outcome) => {
      // Exactly once: a second word about the same run changes nothing.
      finished ??= finish(deps, run, outcome);
      return finished;
    },
    delivered: () => {
      if (run.redeemed !== undefined) void markDelivered(deps, run.execution_id);
    },
  };
}

async function finish(deps: Deps, run: Run, outcome: RunOutcome): Promise<void> {
  const now = deps.now();
  const { execution_id, redeemed } = run;
  const ended = deps.events.executionEnded(run.about, {
    at: now,
    took_ms: now - run.started_at,
    execution_id,
    started_event: run.started_event,
    status: outcome.status,
    ...(redeemed === undefined ? {} : { request_id: redeemed.request_id }),
    ...(redeemed?.broken_glass === undefined ? {} : { broken_glass: redeemed.broken_glass }),
    ...(outcome.summary === undefined ? {} : { cause: outcome.summary }),
  });
  const kept =
    redeemed === undefined || outcome.status === 'unknown'
      ? undefined
      : keptResult(outcome.result?.body, now);
  const step: Step = {
    name: 'end',
    sql: "UPDATE executions SET status = $2, ended_at = $3, result_payload_id = $4 WHERE id = $1 AND status = 'started'",
    params: [execution_id, outcome.status, now, kept?.id ?? null],
    rows: 1,
  };
  const record = async (): Promise<void> => {
    const done = await deps.store.commit({
      name: 'end',
      steps: [
        step,
        ...(kept === undefined || redeemed === undefined
          ? []
          : [storePayloadOf(redeemed.request_id, kept, now)]),
      ],
      entries: [ended.entry],
      // An approved call's end is what a retry finds, and an opening waits for its own; for another nobody does.
      ...(redeemed === undefined && run.about.action !== SESSION_OPEN ? { unhurried: true } : {}),
    });
    if (done.ok) {
      ended.committed();
      tell(deps, run, { status: outcome.status, at: now });
    }
    // Recovery or another node already said `unknown`: terminal states never move (I5).
    else deps.log.warn({ execution_id }, 'execution had already ended');
  };
  try {
    await record();
  } catch (error) {
    // The caller still gets its answer; an identical call is told that it runs until the end is on record.
    deps.log.error({ execution_id, error: String(error) }, 'could not record the end of an execution');
    void recordLater(record);
  }
}

const AGAIN_AFTER_MS = [1_000, 5_000, 30_000, 300_000];

/**
 * A full disk is cleared, a busy store catches up. What was stored after all is not stored twice: its guard stands. After
 * the last attempt, or a crash, the row stays `started` and the next start records it as `unknown` (I9).
 */
async function recordLater(record: () => Promise<void>): Promise<void> {
  for (const ms of AGAIN_AFTER_MS) {
    await wait(ms, undefined, { ref: false });
    const done = await record().then(
      () => true,
      () => false, // said once already
    );
    if (done) return;
  }
}

function keptResult(body: string | undefined, now: number): Payload | undefined {
  return body === undefined ? undefined : { id: payloadId(now), kind: 'result', salt: newSalt(), body };
}

async function markDelivered(deps: Deps, execution_id: string): Promise<void> {
  try {
    await deps.store.commit({
      name: 'delivered',
      steps: [
        {
          name: 'delivered',
          sql: 'UPDATE executions SET delivered_at = $2 WHERE id = $1 AND delivered_at IS NULL',
          params: [execution_id, deps.now()],
          rows: 'any',
        },
      ],
      entries: [],
    });
  } catch (error) {
    // Left undelivered: an identical call within the window gets the kept answer once more, and nothing runs.
    deps.log.warn({ execution_id, error: String(error) }, 'could not record delivery');
  }
}
