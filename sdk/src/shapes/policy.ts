/** What people who write the policy look at: how often its rules decided. Times are unix milliseconds. */

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
  /** Ran after a review, or under a grant. */
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
