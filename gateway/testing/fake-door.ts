/**
 * A door for tests of protocols: no store, no policy, but the same promises as the real one, and it checks what the
 * real one checks. It must only ever be imported by tests and benches. Violations of a protocol's duties are collected
 * in `violations`; a suite asserts there are none.
 */
import { setImmediate as aTurnLater } from 'node:timers/promises';
import {
  actionBytes,
  type Evaluation,
  type Json,
  type Principal,
  type RequestStatus,
  readAction,
} from '@countersign/core';
import type {
  Admission,
  Held,
  Masked,
  Permit,
  Refusal,
  RequestView,
  RunOutcome,
  Session,
  StoredResult,
  Verdict,
} from '../src/protocols/protocol.ts';

/** Larger values are masked a turn later. */
export const APART_CHARS = 1_000;

export type Effect = 'allow' | 'require' | 'deny';

export type FakeRun = {
  readonly execution_id: string;
  readonly evaluation: Evaluation;
  readonly held: boolean;
  outcome: RunOutcome | undefined;
  delivered: boolean;
};

type FakeRequest = {
  view: RequestView;
  readonly key: string;
  readonly agent: string;
  readonly waiters: Set<() => void>;
  redeemed: FakeRun | undefined;
};

export type FakeDoorOptions = {
  /** Agents by credential. */
  readonly agents?: { readonly [credential: string]: string };
  readonly decide?: (evaluation: Evaluation) => Effect;
  readonly mask?: (value: Json) => Masked;
  readonly credentials?: {
    readonly headers?: { readonly [name: string]: string };
    readonly env?: { readonly [name: string]: string };
  };
  readonly expires_ms?: number;
};

const asIs = (value: Json): Masked => ({ value, changed: false });
const refusalOf = (reason: Refusal['reason'], request?: RequestView): Refusal => ({
  reason,
  message: `Refused: ${reason}. Nothing was run.`,
  evaluation_id: 'eval_fake',
  rules: ['fake'],
  ...(request === undefined ? {} : { request }),
});

export class FakeDoor {
  readonly runs: FakeRun[] = [];
  readonly asked: Evaluation[] = [];
  readonly violations: string[] = [];
  readonly #options: FakeDoorOptions;
  readonly #requests: FakeRequest[] = [];
  decide: (evaluation: Evaluation) => Effect;
  /** Raised by a test to make every permit outdated, as a change of policy would. */
  epoch = 1;
  /** False: what every session came with is no longer good. */
  welcoming = true;
  /** Above 0: every call is one too many, and may be made again after so many seconds. */
  over_rate_s = 0;

  constructor(options: FakeDoorOptions = {}) {
    this.#options = options;
    this.decide = options.decide ?? (() => 'allow');
  }

  readonly admit = (credential: string): Admission => {
    const agents = this.#options.agents ?? { 'agent-key': 'agent' };
    const agent = Object.hasOwn(agents, credential) ? agents[credential] : undefined;
    if (agent === undefined) return { admitted: false, reason: 'unknown' };
    if (this.over_rate_s > 0)
      return { admitted: false, reason: 'too_many_calls', retry_after_s: this.over_rate_s };
    const principal: Principal = {
      tenant: 'default',
      agent,
      owner: 'olga',
      team: null,
      subject: { type: 'agent', id: agent },
    };
    return { admitted: true, session: this.#session(principal) };
  };

  #session(principal: Principal): Session {
    return {
      principal,
      welcome: () => this.welcoming,
      enforce: (evaluation) => this.#enforce(principal, evaluation),
      find: (id) => Promise.resolve(this.#own(principal, id)?.view),
      recall: (id) => {
        const request = this.#own(principal, id);
        return Promise.resolve(request === undefined ? undefined : readAction(Buffer.from(request.key)));
      },
      cancel: (id) => {
        const request = this.#own(principal, id);
        if (request !== undefined) this.#settle(request, 'cancelled');
        return Promise.resolve(request?.view);
      },
    };
  }

  #own(principal: Principal, id: string): FakeRequest | undefined {
    return this.#requests.find((each) => each.view.id === id && each.agent === principal.agent);
  }

  async #enforce(principal: Principal, evaluation: Evaluation): Promise<Verdict> {
    this.asked.push(evaluation);
    if (evaluation.facts.scope.agent !== principal.agent || evaluation.subject.id !== principal.subject.id)
      this.violations.push('the evaluation names another caller');
    const key = Buffer.from(actionBytes(evaluation)).toString('utf8');
    await Promise.resolve();
    const effect = this.decide(evaluation);
    if (effect === 'deny') return { kind: 'refused', refusal: refusalOf('policy_denied') };
    if (effect === 'allow') return { kind: 'permitted', permit: this.#permit(evaluation, key, undefined) };
    return this.#require(principal, evaluation, key);
  }

  #require(principal: Principal, evaluation: Evaluation, key: string): Verdict {
    const same = this.#requests.filter((each) => each.key === key).reverse();
    for (const request of same) {
      const run = request.redeemed;
      if (request.view.status === 'pending') return { kind: 'held', held: this.#held(request) };
      if (request.view.status !== 'approved') continue;
      if (run === undefined) return { kind: 'permitted', permit: this.#permit(evaluation, key, request) };
      if (run.outcome === undefined)
        return { kind: 'refused', refusal: refusalOf('in_progress', request.view) };
      if (run.outcome.status === 'unknown')
        return { kind: 'refused', refusal: refusalOf('execution_unknown', request.view) };
      if (!run.delivered && run.outcome.result !== undefined)
        return { kind: 'replayed', execution_id: run.execution_id, result: run.outcome.result };
    }
    return { kind: 'held', held: this.#held(this.#open(principal, evaluation, key)) };
  }

  #open(principal: Principal, evaluation: Evaluation, key: string): FakeRequest {
    const now = Date.now();
    const id = `req_${this.#requests.length + 1}`;
    const view: RequestView = {
      id,
      status: 'pending',
      upstream: evaluation.facts.scope.upstream,
      action: evaluation.action.name,
      resource: evaluation.resource.id,
      risk: 'high',
      opened_at: now,
      expires_at: now + (this.#options.expires_ms ?? 3_600_000),
      review_url: `http://localhost/requests/${id}`,
    };
    const request: FakeRequest = {
      view,
      key,
      agent: principal.agent,
      waiters: new Set(),
      redeemed: undefined,
    };
    this.#requests.push(request);
    return request;
  }

  #held(request: FakeRequest): Held {
    const onSettled: Held['onSettled'] = (listener) => {
      const told = (): void => {
        if (request.waiters.delete(told)) listener(request.view);
      };
      request.waiters.add(told);
      if (request.view.status !== 'pending') queueMicrotask(told);
      return () => request.waiters.delete(told);
    };
    return {
      request: request.view,
      onSettled,
      settled: (signal) =>
        new Promise((resolve) => {
          const stop = onSettled(resolve);
          const leave = (): void => {
            stop();
            resolve(request.view);
          };
          if (signal.aborted) leave();
          else signal.addEventListener('abort', leave, { once: true });
        }),
    };
  }

  #settle(request: FakeRequest, status: RequestStatus, more: Partial<RequestView> = {}): void {
    if (request.view.status !== 'pending') return;
    request.view = { ...request.view, status, resolved_at: Date.now(), ...more };
    for (const waiter of [...request.waiters]) waiter();
  }

  #permit(evaluation: Evaluation, key: string, request: FakeRequest | undefined): Permit {
    const run: FakeRun = {
      execution_id: `exec_${this.runs.length + 1}`,
      evaluation,
      held: request !== undefined,
      outcome: undefined,
      delivered: false,
    };
    this.runs.push(run);
    if (request !== undefined) request.redeemed = run;
    const epoch = this.epoch;
    const { headers = {}, env = {} } = this.#options.credentials ?? {};
    return {
      execution_id: run.execution_id,
      held: run.held,
      action: readAction(Buffer.from(key)),
      obligations: [],
      credentials: evaluation.action.name === 'session.open' ? { headers, env } : null,
      current: () => epoch === this.epoch,
      mask: this.#options.mask ?? asIs,
      // As late as the real one, and late for what the real one need not be.
      maskApart: (value) => {
        const masked = (this.#options.mask ?? asIs)(value);
        return JSON.stringify(value).length > APART_CHARS ? aTurnLater(masked) : masked;
      },
      finish: (outcome) => {
        if (run.outcome === undefined) run.outcome = outcome;
        else
          this.violations.push(
            `finish was called twice for ${evaluation.action.name} ${evaluation.resource.id}`,
          );
        if (request !== undefined)
          request.view = {
            ...request.view,
            execution: {
              id: run.execution_id,
              status: outcome.status,
              ...('result' in outcome && outcome.result !== undefined
                ? { result: outcome.result as StoredResult }
                : {}),
            },
          };
        return Promise.resolve();
      },
      delivered: () => {
        run.delivered = true;
      },
    };
  }

  // What reviewers and the passage of time would do.
  get pending(): readonly RequestView[] {
    return this.#requests.filter(({ view }) => view.status === 'pending').map(({ view }) => view);
  }

  /** Waiters on any request: callers held open now. */
  get waiting(): number {
    return this.#requests.reduce((sum, { waiters }) => sum + waiters.size, 0);
  }

  resolve(id: string, status: Exclude<RequestStatus, 'pending'>, reason?: string): void {
    const request = this.#requests.find(({ view }) => view.id === id);
    if (request === undefined) throw new Error(`no request ${id}`);
    this.#settle(request, status, reason === undefined ? {} : { reason });
  }

  /** Runs of actions, without the opening of upstreams. */
  get actions(): readonly FakeRun[] {
    return this.runs.filter(({ evaluation }) => evaluation.action.name !== 'session.open');
  }

  /** Resolves when `condition` holds; rejects at the deadline with what was seen. */
  async until(condition: () => boolean, what: string, deadline_ms = 5_000): Promise<void> {
    const start = Date.now();
    while (!condition()) {
      if (Date.now() - start > deadline_ms) throw new Error(`not within ${deadline_ms} ms: ${what}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Every permit ended, exactly once. */
  unfinished(): readonly string[] {
    return [
      ...this.violations,
      ...this.runs
        .filter(({ outcome }) => outcome === undefined)
        .map(({ evaluation }) => `no finish for ${evaluation.action.name} ${evaluation.resource.id}`),
    ];
  }
}
