/**
 * The question a protocol asks: subject, action, resource, context (AuthZEN Authorization API 1.0 §5), plus the
 * facts its binding learned by parsing. Facts inform policy and reviewers; only the four parts are what runs.
 * Nothing here may come from a model's prose: an agent's stated reason is a {@link Claim}, kept apart (I6, I11).
 */
import type { Json, JsonObject } from './json/value.ts';

/** Who the action is for. An agent acting for itself is `agent`; a person it acts for is `identity`. The owner is never the subject. */
export type Subject = { readonly type: 'agent' | 'identity'; readonly id: string };

/** The agent acting for the subject; nested for a chain of delegation (RFC 8693 §4.1). */
export type Act = {
  readonly iss: string;
  readonly sub: string;
  readonly sub_profile: 'ai_agent';
  readonly act?: Act;
};

export type Resource = { readonly type: string; readonly id: string; readonly properties: JsonObject };

/** How much of the message the binding understood. Only `exact` facts can be allowed without `opaque: true` (P4). */
export type Confidence = 'exact' | 'partial' | 'opaque' | 'none';

/** The indexed part of the facts: what a rule's `where` may name. */
export const SCOPE_KEYS = ['env', 'class', 'agent', 'team', 'resource', 'upstream'] as const;
export type ScopeKey = (typeof SCOPE_KEYS)[number];
export type Scope = { readonly [K in ScopeKey]: string };

export type Facts = {
  /** The binding that made these facts, and the name its values have in CEL: `mcp`, `sql`, … */
  readonly binding: string;
  readonly confidence: Confidence;
  readonly scope: Scope;
  /** What CEL sees under the binding's name. */
  readonly values: JsonObject;
};

/** What the agent says of its own action. Shown apart and marked as a claim; in no digest, in no rule that loosens (I11). */
export type Claim = { readonly reason: string };

/** Where in its caller's work the question came up. In no digest, seen by no rule; what it says of a trace is the caller's word. */
type Origin = {
  /** Names a session of the protocol, and opens none. */
  readonly session?: string;
  /** W3C Trace Context. */
  readonly traceparent?: string;
};

export type Evaluation = {
  readonly tenant: string;
  readonly subject: Subject;
  readonly act?: Act;
  readonly action: { readonly name: string };
  readonly resource: Resource;
  /** Exact arguments, target, upstream id and configuration digest, tool pin, forwarded `_meta`: everything that runs. */
  readonly context: JsonObject;
  readonly facts: Facts;
  readonly claim?: Claim;
  readonly origin?: Origin;
};

/** The caller as its credential proves it. Snapshot taken at admission; the directory is asked again before anything commits (I8). */
export type Principal = {
  readonly tenant: string;
  readonly agent: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly subject: Subject;
  readonly act?: Act;
};

/** Every agent id in an `act` chain, outermost first. */
export function actChain(act: Act | undefined): readonly string[] {
  const ids: string[] = [];
  for (let at = act; at !== undefined; at = at.act) ids.push(at.sub);
  return ids;
}

export type Values = { readonly [name: string]: Json };
