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
  /** The provider signed in with; none for a one-time link. */
  readonly provider?: string;
  /** The session this answer was asked with. */
  readonly current: boolean;
};

export type SignInInput = {
  readonly code: string;
  readonly kind: SessionKind;
  /** For a code handed over by a browser: what the command line's `challenge` is the SHA-256 of (RFC 7636). */
  readonly verifier?: string;
};
/** A provider people may sign in with: the page has a button for each. */
export type SignInProvider = { readonly id: string; readonly name: string };
export type BeginSignInInput = {
  /** They are to show who they are again, even if the provider still knows them: for rules that ask `proof: recent`. */
  readonly fresh?: boolean;
  /** A path of the gateway's own to come back to. */
  readonly return_to?: string;
  /** A command line on the browser's machine that waits for a code on 127.0.0.1. */
  readonly loopback?: { readonly port: number; readonly state: string; readonly challenge: string };
};
/** Where the browser goes next. */
export type BegunSignIn = { readonly url: string };
/** `continue_at`: where the browser signs out of its provider too. */
export type SignedOut = { readonly continue_at?: string };
export type EndedSessions = { readonly ended: number };
export type SignInResult = {
  readonly person: { readonly id: string; readonly name: string };
  readonly expires_at: number;
  /** Only for `kind: cli`, and only in this answer. A browser gets a cookie no script can read. */
  readonly token?: string;
  readonly csrf?: string;
};
/** Whom a one-time link signs in. */
export type LinkHolder = { readonly person: { readonly id: string; readonly name: string } };
/** Where on the gateway's own host the link was written; the link itself never crosses the network. */
export type SignInLink = { readonly person: string; readonly path: string; readonly expires_at: number };

/** What an agent comes in with: a key of its own, or tokens of an issuer. */
export type AgentCredential = {
  readonly kind: 'key' | 'token';
  /** The first 12 hex digits of the key's hash; the issuer of its tokens. */
  readonly id: string;
  /** How the key begins, where the configuration says it. */
  readonly prefix?: string;
  readonly created_at?: number;
  readonly expires_at?: number;
  /** To the minute. Absent: never, as far as is remembered. */
  readonly last_used_at?: number;
  /** `expiring`: within 14 days. */
  readonly state: 'live' | 'expiring' | 'expired';
  /** Of several live keys the one to move away from. */
  readonly oldest: boolean;
};

export type Agent = {
  readonly id: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly active: boolean;
  /** How many live keys it has. */
  readonly keys: number;
  readonly credentials: readonly AgentCredential[];
  readonly pending_requests: number;
  /** Somebody stopped it: nothing of it runs until somebody resumes it. */
  readonly paused?: AgentPause;
};

export type AgentPause = {
  readonly at: number;
  readonly by: string;
  /** Absent once it was erased. */
  readonly reason?: string;
};
/** How many of its pending requests were withdrawn with it. */
export type PausedAgent = { readonly withdrawn: number };

export type Reviewer = {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** Where they come from: those of the configuration are changed there. */
  readonly source: PersonSource;
};
export type PersonSource = 'configuration' | 'oidc' | 'scim';

/** An account of somebody, and how it came to be theirs. */
export type Account = {
  /** Such as `oidc:<issuer>#<subject>`, `email:ann@example.com`, `slack:u024be7lh`. */
  readonly account: string;
  /** Whose it is. */
  readonly person: string;
  readonly source: 'configuration' | 'link' | 'oidc' | 'scim';
  /** The id a provider made them known under, where it is another: that one stands aside. */
  readonly known_as?: string;
  readonly linked_at?: number;
  readonly linked_by?: string;
};

export type AccountInput = { readonly account: string };

export type Upstream = {
  readonly name: string;
  readonly protocol: string;
  readonly env: string;
  /** `process`: the gateway starts it, one for each session of an agent. */
  readonly transport: 'http' | 'process';
  readonly tools: { readonly accepted: number; readonly quarantined: number };
  readonly health: UpstreamHealth;
};

/** How the newest exchanges with it ended, since the gateway started. Nobody asks it but agents: silence is no failure. */
export type UpstreamHealth = {
  /** `not_asked`: no agent has used it since the start. `failing`: it did not answer the newest question. */
  readonly state: 'answering' | 'failing' | 'not_asked';
  readonly answered_at?: number;
  readonly failed_at?: number;
  /** Why it then did not answer, in the gateway's own words. */
  readonly why?: string;
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
  /** Where one operator is enough, in plain words: nobody else had to see what is in force. */
  readonly unseen?: string;
  /** Changed files people have yet to agree to, and the request that asks them. */
  readonly waiting?: { readonly digest: string; readonly request_id: string };
};
export type PolicyRule = {
  readonly id: string;
  readonly about: string;
  readonly file: string;
  readonly line: number;
  readonly on: string;
  readonly then: string;
  readonly dry_run: boolean;
  /** Where it asks people: seats of every stage and alternative, such as `group:dba`, and who may fill none. */
  readonly asks?: { readonly by: readonly string[]; readonly exclude: readonly string[] };
};
