/**
 * People, agents, upstreams and tools as the people's API shows them. Keys, codes and credentials never appear here;
 * a key is told apart by its id alone.
 */
import type { Json, JsonObject, Role } from '@countersign/core';

export type SessionKind = 'browser' | 'cli';

export type Me = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly session: Session;
  /** Sent back as `X-Countersign-CSRF` with every change; only browser sessions have one. */
  readonly csrf?: string;
};

export type Session = {
  readonly id: string;
  readonly kind: SessionKind;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
  /** The session this answer was asked with. */
  readonly current: boolean;
};

export type SignInInput = { readonly code: string; readonly kind: SessionKind };
export type SignInResult = {
  readonly person: { readonly id: string; readonly name: string };
  readonly expires_at: number;
  /** Only for `kind: cli`, and only in this answer. A browser gets a cookie no script can read. */
  readonly token?: string;
  readonly csrf?: string;
};
/** Where on the gateway's own host the link was written; the link itself never crosses the network. */
export type SignInLink = { readonly person: string; readonly path: string; readonly expires_at: number };

export type Agent = {
  readonly id: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly active: boolean;
  /** How many live keys it has. */
  readonly keys: number;
  readonly pending_requests: number;
};

export type Reviewer = {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
};

export type Upstream = {
  readonly name: string;
  readonly protocol: string;
  readonly env: string;
  readonly tools: { readonly accepted: number; readonly quarantined: number };
};

/** `accepted`: offered to agents. `quarantined`: new, not yet accepted. `drifted`: changed since it was accepted. */
export type ToolStatus = 'accepted' | 'quarantined' | 'drifted';
export type Tool = {
  readonly upstream: string;
  readonly tool: string;
  readonly status: ToolStatus;
  readonly class: string;
  /** Digest of the definition last seen. */
  readonly pin: string;
  readonly seen_at: number;
  readonly accepted_by?: string;
  readonly accepted_at?: number;
};
export type ToolDiff = {
  readonly upstream: string;
  readonly tool: string;
  readonly status: ToolStatus;
  /** Digest of `after`: accepting names it. */
  readonly pin: string;
  readonly accepted_pin?: string;
  readonly before?: JsonObject;
  readonly after: JsonObject;
  readonly changes: readonly ToolChange[];
};
export type ToolChange = {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: Json;
  readonly after?: Json;
};
export type AcceptInput = { readonly pin: string; readonly class: ToolClass };
export const TOOL_CLASSES = ['read', 'write', 'destructive'] as const;
export type ToolClass = (typeof TOOL_CLASSES)[number];

export type Policy = {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly loaded_at: number;
  readonly rules: readonly PolicyRule[];
  /** Why the newest files on disk are not in force; empty when they are. */
  readonly load_errors: readonly string[];
};
export type PolicyRule = {
  readonly id: string;
  readonly about: string;
  readonly file: string;
  readonly line: number;
  readonly on: string;
  readonly then: string;
  readonly dry_run: boolean;
};
