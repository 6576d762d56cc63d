/**
 * What is wrong with a policy, said so that a person can mend it: the place, the rule, the key, the likely spelling and
 * the fix (P7). A problem never carries fact values, only text of the policy itself (I7).
 */
export type PolicyProblem = {
  /** Path inside the policy folder. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** How many characters to underline, on this line; at least 1. */
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

/** A policy that cannot be loaded, with every problem found. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly PolicyProblem[];
  constructor(problems: readonly PolicyProblem[]) {
    super(summary(problems));
    this.problems = problems;
  }
}

function summary(problems: readonly PolicyProblem[]): string {
  const [first] = problems;
  if (first === undefined) return 'the policy cannot be loaded';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return `${first.file}:${first.line}:${first.column}: ${first.message}${more}`;
}

/** A problem of a whole file or folder rather than of a place in it. */
export function fileProblem(file: string, message: string, fix?: string): PolicyProblem {
  const head = { file, line: 1, column: 1, length: 1, message };
  return fix === undefined ? head : { ...head, fix };
}
