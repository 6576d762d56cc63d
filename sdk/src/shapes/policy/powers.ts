/**
 * What one agent may do, and what one person may review, under the policy in force at that moment. Told ahead of any
 * call: what a call would decide by its arguments is said to depend on them. Times are Unix milliseconds.
 */
import type { Effect, Proof } from '@countersign/core';

/** A rule that decides something, or may, of those that no other outranks for certain. */
export type MayRule = {
  readonly rule: string;
  readonly then: Effect;
  /** It matches whatever the call says; else what it depends on is below. */
  readonly certain: boolean;
  /** As conditions name it: `mcp.args.path`, `subject`, `resource`. */
  readonly depends_on: readonly string[];
  /** Whose seats it asks to fill: `group:dba`, `person:ann`, `anyone`. */
  readonly asks?: readonly string[];
};

/** Who could answer a request for it now, and whether they are enough: else it is refused at once. */
export type MayReviewers = {
  readonly people: readonly string[];
  readonly left_out: number;
  readonly enough: boolean;
};

export type May = {
  /** Every answer there could be, strictest first. One: that one, whatever the call says. Nothing matched is `deny`. */
  readonly effects: readonly Effect[];
  /** What it depends on, of all rules together. */
  readonly depends_on: readonly string[];
  readonly rules: readonly MayRule[];
  /** More rules may decide it than are listed. */
  readonly rules_left_out: number;
  /** Where it asks, and whom can be told without the call. */
  readonly reviewers?: MayReviewers;
};

export type ToolPowers = {
  readonly tool: string;
  /** What it was accepted as. */
  readonly class: string;
  /** The upstream offers it in another form than was accepted: it is refused until an operator accepts that. */
  readonly changed?: true;
  readonly may: May;
};

export type UpstreamPowers = {
  readonly upstream: string;
  readonly env: string;
  /** A token must have been granted these; a key need not. */
  readonly scopes?: readonly string[];
  /** Opening it, which comes before anything else of it. */
  readonly open: May;
  readonly tools: readonly ToolPowers[];
  /** Tools nobody accepted: refused, whatever the policy says. */
  readonly not_accepted: readonly string[];
  /** What is no tool: reading a resource, taking a prompt. */
  readonly others: readonly { readonly method: string; readonly may: May }[];
};

/** A rule in force whose `where` and condition leave this agent in. */
export type BearingRule = {
  readonly rule: string;
  readonly about: string;
  readonly file: string;
  readonly line: number;
  /** Whose facts it reads: `mcp`, `access`. */
  readonly on: string;
  readonly then: Effect;
  /** It never decides, and says what it would have. */
  readonly dry_run: boolean;
};

export type AgentPolicy = {
  readonly agent: string;
  readonly policy: { readonly digest: string; readonly version: string };
  readonly at: number;
  /** It is refused before any rule is asked. */
  readonly stopped?: 'paused' | 'no_credential';
  /** What only its token says: taken as not known everywhere below. */
  readonly unknown: readonly ('owner' | 'subject' | 'team')[];
  readonly upstreams: readonly UpstreamPowers[];
  /** What it asks as its own enforcement point (AuthZEN), where a rule is about that. */
  readonly access?: May;
  readonly rules: readonly BearingRule[];
  /** Tools, and rules, beyond what one answer holds. */
  readonly left_out: number;
};

export type PersonSeat = {
  /** From 1, of so many. */
  readonly stage: number;
  readonly stages: number;
  /** As the rule writes it: `group:dba`, `own_team`. */
  readonly by: string;
  readonly count: number;
  readonly proof: Proof;
  /** Theirs by the team of the agent that asks: which agents, `agents` of the rule says. */
  readonly by_team?: true;
  /** Not theirs: they sit in for these people, who are away. */
  readonly instead_of?: readonly string[];
  /** It takes a passkey, and they have none that is confirmed. */
  readonly lacks_passkey?: true;
};

export type PersonRule = Pick<BearingRule, 'rule' | 'about' | 'file' | 'line' | 'on' | 'dry_run'> & {
  readonly seats: readonly PersonSeat[];
  /** In an emergency, and with a passkey: break its glass; judge that afterwards. */
  readonly break_glass?: { readonly may_break: boolean; readonly may_judge: boolean };
  /** Of the agents of the configuration that the rule is about: whose requests they may answer, and whose not. */
  readonly agents: {
    readonly may: readonly string[];
    readonly not: readonly { readonly agent: string; readonly why: string }[];
    readonly left_out: number;
  };
};

export type PersonPolicy = {
  readonly person: string;
  readonly policy: { readonly digest: string; readonly version: string };
  readonly at: number;
  readonly standing: 'reviewer' | 'not_a_reviewer' | 'inactive';
  /** They answer changes of what decides: policy, people, tools. */
  readonly operator: boolean;
  /** They have a confirmed one. */
  readonly passkey: boolean;
  /** They gave their seat away for now: they answer nothing until they take it back. */
  readonly away: boolean;
  /** People whose seat they may sit in now. */
  readonly sits_in_for: readonly string[];
  readonly rules: readonly PersonRule[];
  readonly rules_left_out: number;
};
