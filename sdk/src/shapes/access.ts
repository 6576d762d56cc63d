/**
 * AuthZEN Authorization API 1.0 and its Access Request and Approval Profile, as agents speak them to the gateway.
 * Times on this side are RFC 3339 text, as the profile says.
 */
import type { JsonObject, RequestStatus } from '@countersign/core';

export type Entity = { readonly type: string; readonly id: string; readonly properties?: JsonObject };
export type ActionName = { readonly name: string; readonly properties?: JsonObject };
export type EvaluationInput = {
  readonly subject: Entity;
  readonly action: ActionName;
  readonly resource: Entity;
  readonly context?: JsonObject;
};
export type EvaluationsInput = Partial<EvaluationInput> & {
  /** Each takes what it leaves out from the members above. */
  readonly evaluations: readonly Partial<EvaluationInput>[];
  readonly options?: {
    readonly evaluations_semantic?: 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit';
  };
};
export type EvaluationsResult = { readonly evaluations: readonly EvaluationResult[] };
export type EvaluationResult = { readonly decision: boolean; readonly context: EvaluationContext };
export type EvaluationContext = {
  readonly evaluation_id: string;
  readonly evaluated_at: string;
  readonly reason?: string;
  readonly message?: string;
  readonly next_action?: 'request' | 'retry' | 'none';
  readonly retry_after?: number;
  readonly access_request?: Requestable;
  readonly obligations?: readonly Obligated[];
};
export type Obligated = { readonly id: string; readonly type: string; readonly properties: JsonObject };
/** A denial that people may lift. */
export type Requestable = {
  readonly endpoint: string;
  readonly template: string;
  readonly expires_at: string;
  readonly binding_token: string;
  readonly display: { readonly title: string; readonly description: string };
};

export type Denial = {
  readonly evaluation_id: string;
  readonly binding_token: string;
  readonly evaluated_at?: string;
  readonly expires_at?: string;
  readonly reason?: string;
  readonly template?: string;
};
export type AccessRequestInput = EvaluationInput & {
  readonly denial: Denial;
  readonly client?: { readonly id?: string; readonly name?: string; readonly source?: JsonObject };
  /**
   * Where to be told that the request is over, for agents that may (`channels.callbacks`). It tells the task's id and status,
   * signed as a Standard Webhook; ask the status endpoint for the rest.
   */
  readonly callback?: AccessCallback;
  /** Parts of the profile this version does not offer: sending them is refused. */
  readonly items?: never;
  readonly requested_access?: never;
};
export type AccessCallback = {
  readonly endpoint: string;
  /** Comes back as it is. */
  readonly state?: string;
  /** Without it: all of them. */
  readonly events?: readonly Exclude<RequestStatus, 'pending'>[];
};
export type Task = {
  readonly id: string;
  readonly status: RequestStatus;
  readonly status_endpoint: string;
  readonly expires_at: string;
  readonly progress: {
    readonly current_step: number;
    readonly total_steps: number;
    readonly step_name: string;
  };
  readonly links: { readonly review: string; readonly cancel: string };
  readonly display: { readonly title: string; readonly description: string };
};
export type ApprovalState = {
  readonly id: string;
  readonly approved_at: string;
  readonly approved_until: string;
  /** Compact JWS, `typ: approval+jwt`. Evaluate again with it unchanged at `context.approval`; it grants nothing alone. */
  readonly state: string;
};
export type TaskAnswer = {
  readonly task: Task;
  readonly result?: { readonly mode: 'reevaluate'; readonly approval: ApprovalState };
};
