/** What can be wrong, one word each, and how bad: `broken` means the log must not be trusted as it is. */
export const PROBLEMS = {
  'no-checkpoint': { broken: true, says: 'there is no checkpoint' },
  'checkpoint-not-signed': { broken: true, says: 'the checkpoint is not signed by the log key given' },
  'checkpoint-bad-signature': { broken: true, says: 'the checkpoint was changed after it was signed' },
  'wrong-origin': { broken: true, says: 'the checkpoint is of another log' },
  missing: { broken: true, says: 'a file of the log is missing or cut short' },
  'entry-edited': { broken: true, says: 'an entry is not the one its hash was taken of' },
  reordered: { broken: true, says: 'entries stand in another order than their hashes' },
  'tile-edited': { broken: true, says: 'a tile does not hold the hashes of what is below it' },
  'root-mismatch': { broken: true, says: 'the entries do not add up to the root that was signed' },
  cut: { broken: true, says: 'the log is shorter than a checkpoint you kept' },
  forked: { broken: true, says: 'the log does not continue a checkpoint you kept: its past was rewritten' },
  'older-unusable': {
    broken: true,
    says: 'the checkpoint you kept is not one the log key given signed, so nothing could be compared with it',
  },
  'entry-keys-not-signed': {
    broken: true,
    says: 'the list of entry keys is missing or not signed by the log key',
  },
  'unknown-key': { broken: true, says: 'an entry is signed by a key the log never named' },
  'bad-signature': { broken: true, says: 'the signature over an entry does not hold' },
  'envelope-mismatch': { broken: true, says: 'an envelope is not the one its leaf commits to' },
  malformed: { broken: true, says: 'an entry is not in the format it claims' },
  'back-dated': {
    broken: true,
    says: 'an entry says it happened well before entries that stand in front of it',
  },
  'two-starts': { broken: true, says: 'an approval was redeemed more often than it allows' },
  'unapproved-run': { broken: true, says: 'an execution redeems an approval the log does not show' },
  'too-few-reviews': { broken: true, says: 'a request was approved with fewer reviews than it asked for' },
  'state-moved': { broken: true, says: 'something final changed afterwards' },
  'bad-reviewer-key': {
    broken: true,
    says: 'a reviewer’s passkey was enrolled or confirmed as none may be',
  },
  'bad-review-signature': {
    broken: true,
    says: 'a review that counted as signed is not signed by its reviewer’s passkey, over this',
  },
  'bad-break-glass': {
    broken: true,
    says: 'glass was broken, used or judged as none may be',
  },
  'result-without-start': { broken: true, says: 'an execution ended that never started' },
} as const;
export type Problem = keyof typeof PROBLEMS;

export type Finding = {
  readonly problem: Problem;
  /** Leaf index, where it is about one entry. */
  readonly index?: number;
  readonly detail: string;
};

/** A request whose clear text was taken away, as the log says. What it committed to stays, and opens to nothing. */
export type Erasure = {
  readonly request: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** Leaf index of the entry that says so. */
  readonly index: number;
};

/** The log's files were lost and written anew from a store, which somebody said was the newest. */
export type RebuiltSaid = {
  /** RFC 3339. */
  readonly at: string;
  /** Leaf index of the entry that says so. */
  readonly index: number;
  /** Entries of the largest checkpoint that store had signed. */
  readonly signed: number;
  /** Entries of the checkpoint kept elsewhere that the store was held to; absent where it was to none. */
  readonly held_to?: number;
};

/** What one person let through in an emergency, as the log says. */
export type BrokenGlassSaid = {
  readonly id: string;
  readonly request: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** Leaf index of the entry that says so. */
  readonly index: number;
  /** Absent while nobody has judged it. */
  readonly closed?: { readonly by: string; readonly verdict: string };
};

/** A passkey as the log says whose it is. Whether it is theirs, its owner knows: compare the digest with them. */
export type ReviewerKey = {
  readonly person: string;
  readonly key_digest: string;
  readonly confirmed_by: string;
};

export type LogReport = {
  readonly ok: boolean;
  readonly source: string;
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** The checkpoint, verbatim: keep it, and give it next time. */
  readonly checkpoint: string;
  /** In plain words, each only together with those before it. */
  readonly established: readonly string[];
  readonly not_established: readonly string[];
  /** At most {@link FINDINGS_MAX}; `findings_total` counts them all. */
  readonly findings: readonly Finding[];
  readonly findings_total: number;
  readonly counts: { readonly [kind: string]: number };
  /** At most {@link ERASED_MAX}, oldest first; `erased_total` counts them all. */
  readonly erased: readonly Erasure[];
  readonly erased_total: number;
  /** At most {@link REBUILT_MAX}, oldest first; `rebuilt_total` counts them all. */
  readonly rebuilt: readonly RebuiltSaid[];
  readonly rebuilt_total: number;
  /** Let through by one person, without the others. At most {@link BROKEN_GLASS_MAX}, oldest first. */
  readonly broken_glass: readonly BrokenGlassSaid[];
  readonly broken_glass_total: number;
  /** Nobody has judged them yet, as far as the log goes. */
  readonly broken_glass_open: number;
  /** Started, without a result yet. */
  readonly executions_open: number;
  /** Reviews whose passkey's signature holds, and the keys that made them, at most {@link REVIEWER_KEYS_MAX}. */
  readonly signed_reviews: { readonly verified: number; readonly keys: readonly ReviewerKey[] };
  readonly took_ms: number;
};

export const FINDINGS_MAX = 1000;
export const ERASED_MAX = 1000;
export const REBUILT_MAX = 1000;
export const BROKEN_GLASS_MAX = 1000;
export const REVIEWER_KEYS_MAX = 1000;

export type Findings = {
  add(problem: Problem, detail: string, index?: number): void;
  has(...problems: readonly Problem[]): boolean;
  readonly list: readonly Finding[];
  total(): number;
};

export function createFindings(): Findings {
  const list: Finding[] = [];
  const seen = new Set<Problem>();
  let total = 0;
  return {
    list,
    total: () => total,
    has: (...problems) => problems.some((problem) => seen.has(problem)),
    add: (problem, detail, index) => {
      total += 1;
      seen.add(problem);
      if (list.length < FINDINGS_MAX)
        list.push({ problem, detail, ...(index === undefined ? {} : { index }) });
    },
  };
}
