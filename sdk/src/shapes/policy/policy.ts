/** What people who write the policy look at: its files, what a draft says and would do, how often its rules decide. Times are unix milliseconds. */
import type { Effect, Json, JsonObject, Requirement, Risk } from '@countersign/core';

/** How often a rule decided. One that matched and was outranked, or only says what it would have done, decided nothing. */
export type RuleCoverage = {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly then: string;
  /** It never decides; a simulation counts what it matches. */
  readonly dry_run: boolean;
  /** Ran at once. */
  readonly allowed: number;
  /** Requests opened. */
  readonly asked: number;
  /** Ran after people were asked: reviewed, under a grant, or with broken glass. */
  readonly reviewed: number;
  /** Refused, or told to request access first. */
  readonly refused: number;
  /** Over all time, as is its absence: never. */
  readonly last_hit?: number;
};

export type PolicyCoverage = {
  /** The beginning of the hour asked for: hits are counted by the hour. */
  readonly since: number;
  readonly until: number;
  readonly policy: { readonly digest: string; readonly version: string };
  /** Every rule in force, in the order of the files. Counted by its id, whatever it said then. */
  readonly rules: readonly RuleCoverage[];
  /** Rules that decided since, and are in force no longer or are the gateway's own. */
  readonly others: readonly Pick<
    RuleCoverage,
    'rule' | 'allowed' | 'asked' | 'reviewed' | 'refused' | 'last_hit'
  >[];
  /** False while the log is being counted: ask again. */
  readonly complete: boolean;
};

export type PolicyFileText = {
  /** Inside the policy folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
};

/** What is in force, as written. */
export type PolicyFiles = {
  /** `files`: changed in the folder the gateway watches. `store`: by proposal. */
  readonly source: 'files' | 'store';
  /** Names the policy: over its rules. */
  readonly policy_digest: string;
  /** Over every file, tests included. */
  readonly digest: string;
  readonly loaded_at: number;
  readonly files: readonly (PolicyFileText & { readonly digest: string })[];
};

/** What is wrong with a policy, or probably not meant, and where. */
export type PolicyProblem = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** How many characters to underline, on this line. */
  readonly length: number;
  readonly rule?: string;
  readonly key?: string;
  readonly message: string;
  /** The spelling that was probably meant. */
  readonly likely?: string;
  readonly fix?: string;
  /** The text of the line. */
  readonly source?: string;
};

/** Every file of a policy: what is not here would not be in it. */
export type PolicyDraft = { readonly files: readonly PolicyFileText[] };

export type PolicyCheck = {
  /** It loads, and its tests pass. */
  readonly ok: boolean;
  readonly problems: readonly PolicyProblem[];
  /** What loads but is probably not meant. */
  readonly advice: readonly PolicyProblem[];
  readonly tests: readonly PolicyTestResult[];
  /** Rules no test matched. */
  readonly never_matching: readonly {
    readonly rule: string;
    readonly file: string;
    readonly line: number;
  }[];
  readonly rules: number;
  /** Would name the policy. Absent where files could not be taken. */
  readonly digest?: string;
};
export type PolicyTestResult = {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly ok: boolean;
};

/** Every word a policy can be written with here and now, from what the checker itself goes by. */
export type PolicyVocabulary = {
  readonly rule: readonly PolicyKey[];
  readonly where: readonly string[];
  readonly effects: readonly string[];
  readonly risks: readonly string[];
  /** Proofs reviewers can give here, weakest first. */
  readonly proofs: readonly string[];
  readonly test: { readonly evaluation: readonly string[]; readonly want: readonly string[] };
  readonly confidences: readonly string[];
  readonly bindings: readonly PolicyBinding[];
  /** What every condition can read, beside its binding's facts. */
  readonly facts: readonly PolicyFact[];
  readonly functions: readonly PolicyFunction[];
  /** Names somebody may try, and what to write instead. */
  readonly instead: readonly { readonly name: string; readonly write: string }[];
  readonly names: {
    readonly groups: readonly string[];
    readonly people: readonly string[];
    readonly upstreams: readonly string[];
    readonly envs: readonly string[];
    readonly agents: readonly string[];
    readonly teams: readonly string[];
  };
  /** Accepted tools; `facts` are their arguments, typed, for rules that pin the tool. */
  readonly tools: readonly PolicyTool[];
};
/** `only_with`: the effects it goes with; absent, with any. */
export type PolicyKey = { readonly key: string; readonly only_with?: readonly string[] };
export type PolicyBinding = {
  readonly name: string;
  readonly obligations: readonly string[];
  readonly facts: readonly PolicyFact[];
};
export type PolicyFact = {
  /** As a condition writes it: `mcp.args.path`. */
  readonly path: string;
  readonly type: string;
  /** The only texts it can be. */
  readonly values?: readonly string[];
  readonly about?: string;
};
export type PolicyFunction = {
  readonly name: string;
  /** `loop`: a method that binds a variable, `list.all(x, …)`. */
  readonly kind: 'function' | 'method' | 'loop';
  readonly answers: string;
};
export type PolicyTool = {
  readonly upstream: string;
  readonly tool: string;
  readonly class: string;
  readonly facts: readonly PolicyFact[];
};

export type SimulationInput = PolicyDraft & {
  /** How far back. Default: 7 days. */
  readonly since?: number;
  /** Stop after so many evaluations, newest first. Default and most: 100,000. */
  readonly evaluations_max?: number;
};

/** What a draft would have decided of what was asked, beside what the policy in force decides of the same. */
export type PolicySimulation = {
  readonly since: number;
  readonly until: number;
  /** The oldest looked at, where it stopped before it came to `since`. */
  readonly reached?: number;
  /** Why it stopped early: out of time, or of evaluations it may look at. */
  readonly stopped?: 'time' | 'evaluations';
  readonly policy: { readonly digest: string; readonly version: string };
  /** What the checker says of the draft. A draft that does not load is not simulated: then nothing was replayed. */
  readonly check: PolicyCheck;
  /** Evaluations decided by both, from the facts as they were. */
  readonly replayed: number;
  /** Of those, with arguments that were not kept: whatever they were, each policy has one answer. */
  readonly replayed_partly: number;
  /** Of those, decided differently by the two. */
  readonly changed: number;
  /** Of those, decided otherwise by the policy in force now than by that of the time. */
  readonly decided_otherwise_then: number;
  /** Asked again of what is counted already: runs of what was held, calls of what was denied. */
  readonly again: number;
  /** The looser first, then the more frequent. */
  readonly changes: readonly SimulatedChange[];
  /** Groups of changes beyond those listed. */
  readonly changes_left_out: number;
  readonly not_replayed: readonly NotReplayed[];
  /** How often each rule of the draft bore on what was replayed whole. */
  readonly rules: readonly SimulatedRule[];
};

export type SimulatedDecision = {
  readonly effect: Effect;
  /** Not said where arguments were not kept. */
  readonly risk?: Risk;
  readonly requirement?: Requirement;
  /** Types and properties, as in a decision. */
  readonly obligations?: readonly { readonly type: string; readonly properties: JsonObject }[];
};

/** Alike: the same agent, upstream, action, resource, from the same decision to the same. */
export type SimulatedChange = {
  readonly agent: string;
  readonly upstream: string;
  readonly action: string;
  readonly resource: string;
  readonly what: 'effect' | 'review' | 'obligations' | 'risk';
  readonly direction: 'looser' | 'stricter' | 'different';
  readonly from: SimulatedDecision;
  readonly to: SimulatedDecision;
  readonly count: number;
  readonly first_at: number;
  readonly last_at: number;
  /** The newest. */
  readonly examples: readonly SimulatedExample[];
};
export type SimulatedExample = {
  /** Of the log. */
  readonly event_id: string;
  readonly occurred_at: number;
  readonly request_id?: string;
  readonly execution_id?: string;
  /** What came of it: `allowed`, `held`, or why it was refused. */
  readonly outcome: string;
  readonly from_rules: readonly string[];
  readonly to_rules: readonly string[];
};

export const NOT_REPLAYED = {
  not_kept: 'refused calls: their arguments are not kept, and the answer depends on them',
  erased: 'their clear text was erased, and the answer depends on it',
  too_large: 'too large to be looked at again, and the answer depends on what is in them',
  tool_accepted_since: 'the tool was accepted anew since, and what it was accepted as then is not kept',
  tool_unknown: 'the definition the tool had then is not kept',
  not_as_recorded:
    'the policy in force is that of the time and decides otherwise now: what it rested on was not all kept',
  unreadable: 'what was stored of them does not read back',
} as const;
export type NotReplayedWhy = keyof typeof NOT_REPLAYED;
export type NotReplayed = {
  readonly why: NotReplayedWhy;
  readonly count: number;
  /** Event ids of the log: the newest. */
  readonly examples: readonly string[];
};

export type SimulatedRule = {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly then: Effect;
  readonly decided: number;
  readonly outranked: number;
  /** It is a dry run, and would have. */
  readonly would_have: number;
};

/** What differs from the policy in force, as `git apply` takes it. */
export type PolicyPatch = {
  readonly patch: string;
  /** What the paths in it are below, where the configuration is. */
  readonly folder: string;
  readonly files: readonly {
    readonly path: string;
    readonly change: 'added' | 'removed' | 'changed';
    readonly lines_added: number;
    readonly lines_removed: number;
  }[];
};

/** `base`: the `digest` of the files it was made from, so that nobody's change is undone unseen. */
export type PolicyProposalInput = PolicyDraft & { readonly base: string };

/** It is the policy now. */
export type PolicyTaken = {
  readonly status: 'in_force';
  readonly digest: string;
  /** Where one operator is enough, in plain words: nobody else had to see it. */
  readonly unseen?: string;
};

/** An `allow` rule, narrowed to what was always approved, beside an exception from the rule that asks. Applied by nobody but you. */
export type PolicySuggestion = {
  /** The rule that asks. */
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly agent: string;
  readonly upstream: string;
  readonly resource: string;
  readonly env: string;
  readonly class: string;
  /** All of them approved, and decided by this rule alone. */
  readonly requests: number;
  readonly reviewers: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly arguments: readonly SuggestedArgument[];
  /** Arguments that would be let through whatever they are. */
  readonly open: readonly string[];
  /** In plain words, what it would let through and what speaks against it. */
  readonly explains: readonly string[];
  /** The new rule, as it would be written. */
  readonly proposed: { readonly id: string; readonly text: string };
  /** The condition the rule that asks would have. */
  readonly asks_when: string;
  /** The files that would differ, whole. */
  readonly files: readonly PolicyFileText[];
  readonly patch: string;
  /** What it would have changed of what is on record: nothing but these. */
  readonly simulated: {
    readonly replayed: number;
    readonly changed: number;
    readonly not_replayed: number;
    readonly stopped?: 'time' | 'evaluations';
  };
};
export type SuggestedArgument = {
  readonly path: string;
  readonly how: 'is' | 'one_of' | 'inside';
  readonly values: readonly Json[];
};

export const NOT_SUGGESTED = {
  few: 'too few requests, or on too few days, to say that they are always approved',
  not_always: 'not every request was approved',
  other_rules: 'other rules asked too, and would go on asking',
  emergency: 'some ran without an ordinary review',
  strong: 'it asks more than one person, or for a passkey',
  risky: 'the action is destructive, or of high risk',
  not_a_tool: 'only calls of accepted tools can be told apart well enough',
  other_tool: 'the tool was accepted anew meanwhile',
  not_kept: 'what was asked was erased, or is too large to be looked at',
  varied: 'the arguments have nothing in common that a rule could say',
  hidden: 'the arguments have secrets or personal data in them, which do not belong into a rule',
  not_written: 'the rule is written in a way that is not changed by itself',
  not_loaded: 'the checker would not take it, or a test of the policy says otherwise',
  changes_more: 'on record, it would change other decisions too',
} as const;
export type NotSuggestedWhy = keyof typeof NOT_SUGGESTED;

export type PolicySuggestions = {
  readonly since: number;
  readonly until: number;
  /** Requests looked at. */
  readonly requests: number;
  /** Out of time, or of requests it may look at: the newest were. */
  readonly stopped?: 'time' | 'requests';
  readonly suggestions: readonly PolicySuggestion[];
  /** Rules that ask, and why nothing narrower is proposed. */
  readonly not_suggested: readonly {
    readonly rule: string;
    readonly why: NotSuggestedWhy;
    readonly requests: number;
    /** Where it is of one agent and tool only. */
    readonly agent?: string;
    readonly upstream?: string;
    readonly resource?: string;
    /** What the checker says. */
    readonly detail?: string;
  }[];
};
