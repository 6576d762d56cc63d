/** Places that are told what happens: how it stands with each. Times are unix milliseconds. */
export type WebhookEndpoint = {
  /** `webhook:<id>`, or `callback:<agent>`. */
  readonly name: string;
  /** False: something still waits for a place that is not in the configuration any more. */
  readonly configured: boolean;
  /** Scheme and host only: a path may be a secret. */
  readonly to: readonly string[];
  readonly events: readonly string[];
  /** With how many secrets each notice is signed: more than one while one replaces another. Absent when not configured. */
  readonly secrets?: number;
  readonly waiting: number;
  readonly dead: number;
  readonly delivered: number;
  /** Since when the oldest that waits does. */
  readonly oldest_at?: number;
  readonly last_delivered_at?: number;
  /** Since when nothing was taken. */
  readonly failing_since?: number;
  /** It answered that it is gone (410): nothing is sent until somebody replays. */
  readonly gone_at?: number;
  readonly trouble?: string;
};

/** A notice that is not tried again. */
export type WebhookDead = {
  readonly leaf_index: number;
  readonly event_id: string;
  readonly type: string;
  readonly subject: string;
  readonly attempts: number;
  readonly made_at: number;
  readonly trouble: string;
};

export type WebhookTried =
  | { readonly taken: true; readonly took_ms: number }
  | { readonly taken: false; readonly trouble: string; readonly took_ms: number };

export type WebhookReplayed = { readonly replayed: number };
export type WebhookReplayInput = { /** Without it: everything dead. */ readonly leaf_index?: number };
