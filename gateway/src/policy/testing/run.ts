/** Runs the tests beside a policy, and finds the rules no test ever matches (P8). */
import type { Decision } from '@countersign/core';
import type { LoadedPolicy } from '../load.ts';
import type { PolicyProblem } from '../problems/problem.ts';
import { Bindings } from '../rules/bindings.ts';
import type { LoadOptions } from '../rules/options.ts';
import { isTestFile, type PolicyFile } from '../source/files.ts';
import { complain } from '../yaml/cursor.ts';
import { type PolicyTest, readTestFile } from './test-file.ts';
import { shortfalls } from './want.ts';

export type TestResult = {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly ok: boolean;
};
export type RulePlace = { readonly rule: string; readonly file: string; readonly line: number };

export type TestRun = {
  readonly results: readonly TestResult[];
  /** Faults in test files, and every test that failed. */
  readonly problems: readonly PolicyProblem[];
  readonly never_matching: readonly RulePlace[];
};

export function runPolicyTests(
  policy: LoadedPolicy,
  files: readonly PolicyFile[],
  options: LoadOptions,
): TestRun {
  const problems: PolicyProblem[] = [];
  const bindings = new Bindings(options);
  const tests = files
    .filter((file) => isTestFile(file.path))
    .flatMap((file) => readTestFile(file, bindings, problems));
  const matched = new Set<string>();
  const results = tests.map((each) => runOne(policy, each, matched));
  const never = policy.rules.filter((rule) => !matched.has(rule.id));
  return { results, problems, never_matching: never.map(({ id, file, line }) => ({ rule: id, file, line })) };
}

function runOne(
  policy: LoadedPolicy,
  { name, at, evaluation, want }: PolicyTest,
  matched: Set<string>,
): TestResult {
  const got = policy.decide(evaluation);
  for (const hit of everyHit(got)) if (hit.error === undefined) matched.add(hit.rule);
  const short = shortfalls(want, got);
  if (short.length > 0) {
    complain(
      { ...at, rule: undefined, key: undefined },
      { message: `test "${name}" failed: ${short.join('; ')}`, fix: whatDecided(got) },
      firstLine(at),
    );
  }
  return {
    file: at.source.file,
    line: at.source.lines.linePos(at.span.start).line,
    name,
    ok: short.length === 0,
  };
}

const firstLine = (at: PolicyTest['at']): PolicyTest['at']['span'] => {
  const end = at.source.text.indexOf('\n', at.span.start);
  return { start: at.span.start, end: end < 0 ? at.span.end : end };
};

const everyHit = ({ explanation }: Decision) => [
  ...explanation.deciding,
  ...explanation.outranked,
  ...explanation.would_have,
];

function whatDecided(got: Decision): string {
  const said = everyHit(got).map(
    (hit) => `${hit.rule} (${hit.file}:${hit.line})${hit.error === undefined ? '' : ` erred: ${hit.error}`}`,
  );
  return said.length === 0
    ? 'no rule matched; mend the rule or the test'
    : `matched: ${said.join(', ')}; mend the rule or the test`;
}
