/** What `countersign check` says of a policy folder: every fault, every test, every rule no test matches. Changes nothing. */

import { everySeat, stagesOf } from '@countersign/core';
import { byPlace, type LoadedPolicy, loadPolicy } from './load.ts';
import { PolicyError, type PolicyProblem } from './problems/problem.ts';
import type { LoadOptions } from './rules/options.ts';
import { type PolicyFile, readPolicyFolder } from './source/files.ts';
import { type RulePlace, runPolicyTests, type TestResult } from './testing/run.ts';

export type PolicyReport = {
  readonly problems: readonly PolicyProblem[];
  /** What loads but is probably not meant. */
  readonly advice: readonly PolicyProblem[];
  readonly tests: readonly TestResult[];
  /** Rules no test matched: dead, misspelt or untested. */
  readonly never_matching: readonly RulePlace[];
  readonly rules: number;
  /** Rules that ask somebody for a passkey: only a running gateway knows who has one. */
  readonly asks_passkey?: readonly string[];
  /** Rules whose glass may be broken: that takes a passkey, too. */
  readonly breaks_glass?: readonly string[];
  readonly files: readonly string[];
};

/** `place`: a folder, or what the store keeps. */
export function checkPolicy(place: string | readonly PolicyFile[], options: LoadOptions): PolicyReport {
  try {
    return checkFiles(typeof place === 'string' ? readPolicyFolder(place) : place, options);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { problems: error.problems, advice: [], tests: [], never_matching: [], rules: 0, files: [] };
  }
}

export function checkFiles(files: readonly PolicyFile[], options: LoadOptions): PolicyReport {
  const paths = files.map((file) => file.path);
  const loaded = loadPolicy(files, options);
  if (!loaded.ok)
    return { problems: loaded.problems, advice: [], tests: [], never_matching: [], rules: 0, files: paths };
  const run = runPolicyTests(loaded.policy, files, options);
  const problems = run.problems.toSorted(byPlace);
  return {
    problems,
    advice: loaded.policy.rules.flatMap((rule) => rule.advice).toSorted(byPlace),
    tests: run.results,
    never_matching: run.never_matching,
    rules: loaded.policy.rules.length,
    ...asksPasskey(loaded.policy),
    ...breaksGlass(loaded.policy),
    files: paths,
  };
}

function asksPasskey({ rules }: LoadedPolicy): Pick<PolicyReport, 'asks_passkey'> {
  const found = rules.filter(({ requirement }) => {
    if (requirement === undefined) return false;
    return everySeat(stagesOf(requirement)).some(({ proof }) => proof === 'passkey');
  });
  return found.length === 0 ? {} : { asks_passkey: found.map(({ id }) => id) };
}

function breaksGlass({ rules }: LoadedPolicy): Pick<PolicyReport, 'breaks_glass'> {
  const found = rules.filter(({ requirement }) => requirement?.break_glass !== undefined);
  return found.length === 0 ? {} : { breaks_glass: found.map(({ id }) => id) };
}

/** A policy whose tests were run before. @throws PolicyError with every fault */
export function buildTested(files: readonly PolicyFile[], options: LoadOptions): LoadedPolicy {
  const loaded = loadPolicy(files, options);
  if (!loaded.ok) throw new PolicyError(loaded.problems);
  return loaded.policy;
}

/** A policy whose tests pass. @throws PolicyError with every fault and every failing test */
export function buildPolicy(files: readonly PolicyFile[], options: LoadOptions): LoadedPolicy {
  const policy = buildTested(files, options);
  const { problems } = runPolicyTests(policy, files, options);
  if (problems.length > 0) throw new PolicyError(problems.toSorted(byPlace));
  return policy;
}
