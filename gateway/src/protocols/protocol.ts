/**
 * The two doors of a protocol: `admit` (who is calling) and, on the session it yields, `enforce` (may this happen).
 * A protocol sees neither store nor policy nor log, so it cannot forget a check. It must never send a byte of an
 * action upstream without a {@link Permit} (I1), and must call `finish` exactly once for each permit it was given.
 */
import type {
  CanonicalAction,
  Evaluation,
  ExecutionStatus,
  Json,
  Obligation,
  Principal,
  RequestStatus,
  Risk,
} from '@countersign/core';

/** A key, and a token already known, are answered at once; a token seen first is verified. */
export type Admit = (credential: string, shown?: Shown) => Admission | Promise<Admission>;

/** How a credential was presented, and what for. Left out: as a bearer's, for no resource in particular. */
export type Shown = {
  readonly scheme: 'bearer' | 'dpop';
  /** The one `DPoP` header of the request (RFC 9449). */
  readonly proof?: string;
  readonly method: string;
  /** The resource asked for, as its callers write it, without query: what a token may be for (RFC 8707). */
  readonly url: string;
  /** What a token must have been granted to come in here. A key was granted nothing, and is bounded by policy alone. */
  readonly scopes?: readonly string[];
};

export type Admission =
  | { readonly admitted: true; readonly session: Session }
  | {
      readonly admitted: false;
      readonly reason:
        | 'missing'
        | 'unknown'
        | 'wrong_kind'
        | 'revoked'
        | 'expired'
        /** A workload token that was not taken; why stands in the operator's log. */
        | 'token_refused'
        /** A token bound to a key, without the proof of this request. */
        | 'proof_refused'
        | 'insufficient_scope';
    }
  /** Over `calls_per_minute`: each admission is a call. */
  | { readonly admitted: false; readonly reason: 'too_many_calls'; readonly retry_after_s: number };

export type Session = {
  readonly principal: Principal;
  /** False once the credential it came from is no longer good. Asking is no call. */
  welcome(): boolean;
  enforce(evaluation: Evaluation): Promise<Verdict>;
  /** The caller's own access request; undefined for anyone else's, as if it did not exist. */
  find(request_id: string): Promise<RequestView | undefined>;
  /**
   * The action behind the caller's own request, from its canonical bytes: to ask for exactly that again after a restart.
   * Undefined for anyone else's, and for one that was erased or is no longer what its digest says.
   */
  recall(request_id: string): Promise<CanonicalAction | undefined>;
  /** Withdraws the caller's own open request. Resolves to the state it is in afterwards. */
  cancel(request_id: string): Promise<RequestView | undefined>;
};

export type Verdict =
  | { readonly kind: 'permitted'; readonly permit: Permit }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'held'; readonly held: Held }
  /** The identical call already ran and its answer was not delivered: here it is again, masked as it was then. */
  | { readonly kind: 'replayed'; readonly result: StoredResult; readonly execution_id: string };

export type Refusal = {
  readonly reason:
    | 'policy_denied'
    | 'denied'
    | 'expired'
    | 'cancelled'
    | 'failed'
    | 'no_eligible_reviewer'
    | 'no_owner'
    | 'too_many_pending'
    | 'asked_too_often'
    | 'unavailable'
    | 'execution_unknown'
    /** What the caller came with stopped being good meanwhile. */
    | 'not_admitted'
    /** The identical approved call is still running: call again for its result. */
    | 'in_progress'
    /** A person stopped the agent. */
    | 'agent_paused'
    | 'not_exact';
  /** One plain sentence for the model and its user; never contains facts the caller may not know. */
  readonly message: string;
  readonly evaluation_id: string;
  readonly request?: RequestView;
  /** Rule ids that decided. */
  readonly rules: readonly string[];
};

export type Held = {
  readonly request: RequestView;
  /** Resolves when the request leaves `pending`, or with the pending view when the signal aborts. Never rejects. */
  settled(signal: AbortSignal): Promise<RequestView>;
  /**
   * The same for those that wait by the thousand: a promise and a signal each weigh more than what waits. `listener` is
   * called once, when the request left `pending`, and never after the function that came back was called.
   */
  onSettled(listener: (view: RequestView) => void): () => void;
};

export type RequestView = {
  readonly id: string;
  readonly status: RequestStatus;
  readonly upstream: string;
  readonly action: string;
  readonly resource: string;
  readonly risk: Risk;
  readonly opened_at: number;
  readonly expires_at: number;
  readonly resolved_at?: number;
  /** Page where a reviewer sees it. */
  readonly review_url: string;
  /** Where people review it in several stages: how many are done, of how many. Once it is over, all are. */
  readonly stages?: { readonly done: number; readonly of: number };
  /** The reviewer's reason for a denial, if they gave one. */
  readonly reason?: string;
  /** The ticket system that refused it; then no reviewer did, and the reason is that system's. */
  readonly refused_by?: string;
  readonly approval_id?: string;
  readonly approved_at?: number;
  readonly approved_until?: number;
  /** The run it led to, if any. `unknown` means it may have run; asking again never runs it again (I9). */
  readonly execution?: {
    readonly id: string;
    readonly status: ExecutionStatus;
    readonly result?: StoredResult;
  };
};

/**
 * The right to run one action once. It exists only after `execution started` is durable (I2). What must run is
 * `action`, re-read from the canonical bytes for a held call; not whatever the caller sent the second time.
 */
export type Permit = {
  readonly execution_id: string;
  /** True when people approved it: run from `action`, never from the caller's original bytes. */
  readonly held: boolean;
  readonly action: CanonicalAction;
  readonly obligations: readonly Obligation[];
  /**
   * Present for `session.open` only: what the gateway adds to reach the upstream. No permit, no password. Never shown,
   * never forwarded to the caller, dropped when the connection closes.
   */
  readonly credentials: UpstreamCredentials | null;
  /** False once policy, people, agents or pins have changed since: a connection opened under it is asked for again. */
  current(): boolean;
  /** Removes secrets always, and what the masking obligations name; returns what may leave. Fails closed. */
  mask(value: Json): Masked;
  /**
   * The same, for what may be of any size: a large value takes a moment, and is a promise that never rejects. Whoever
   * passes on several keeps them in order.
   */
  maskApart(value: Json): Masked | Promise<Masked>;
  /** Records the outcome. `result` is the already masked answer to keep for a lost reply; resolves when durable. */
  finish(outcome: RunOutcome): Promise<void>;
  /** The answer reached the caller: an identical call is a new one from now on. */
  delivered(): void;
};

export type UpstreamCredentials = {
  readonly headers: { readonly [name: string]: string };
  readonly env: { readonly [name: string]: string };
};

/** `changed: false` means the value may leave as it came, byte for byte. */
export type Masked = { readonly value: Json; readonly changed: boolean };

export type RunOutcome =
  | { readonly status: 'succeeded' | 'failed'; readonly result?: StoredResult; readonly summary?: string }
  | { readonly status: 'unknown'; readonly summary: string };

/** An answer as the protocol would send it, already masked. JSON text. */
export type StoredResult = { readonly body: string };
