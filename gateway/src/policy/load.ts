/**
 * Makes a policy out of files, or says everything that is wrong with them. All or nothing: one fault in one file and
 * there is no policy. Pure: reading the files is somebody else's work.
 */
import type { Evaluation } from '@countersign/core';
import { isScalar } from 'yaml';
import { bearsOn, Decider } from './decide.ts';
import { LIMITS } from './limits.ts';
import type { Policy } from './policy.ts';
import { fileProblem, type PolicyProblem } from './problems/problem.ts';
import { Bindings } from './rules/bindings.ts';
import type { LoadOptions } from './rules/options.ts';
import { readRule } from './rules/read-rule.ts';
import type { Rule } from './rules/rule.ts';
import { isTestFile, type PolicyFile, policyDigest } from './source/files.ts';
import { type Cursor, complain, cursorAt, readList, readMap } from './yaml/cursor.ts';
import { readYaml } from './yaml/document.ts';

export type LoadedPolicy = Policy & {
  readonly rules: readonly Rule[];
  /** Some rule asks people, so a call may be held. */
  readonly canHold: boolean;
};

export type Loaded =
  | { readonly ok: true; readonly policy: LoadedPolicy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export function loadPolicy(files: readonly PolicyFile[], options: LoadOptions): Loaded {
  const problems: PolicyProblem[] = [];
  const bindings = new Bindings(options);
  const written = files
    .filter((file) => !isTestFile(file.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const rules = written.flatMap((file) => readFile(file, { options, bindings, problems }));
  refuseTwins(rules, written, problems);
  if (rules.length > LIMITS.rules_max)
    problems.push(fileProblem('.', `the policy has more than ${LIMITS.rules_max} rules`, 'merge some'));
  if (problems.length > 0)
    return { ok: false, problems: problems.toSorted(byPlace).slice(0, LIMITS.problems_max) };
  return { ok: true, policy: makePolicy(rules, files, options) };
}

export const byPlace = (a: PolicyProblem, b: PolicyProblem): number =>
  a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;

type Reading = {
  readonly options: LoadOptions;
  readonly bindings: Bindings;
  readonly problems: PolicyProblem[];
};

function readFile(file: PolicyFile, { options, bindings, problems }: Reading): readonly Rule[] {
  const yaml = readYaml(file.path, file.text, problems);
  if (yaml === undefined) return [];
  const at = cursorAt(yaml.source, yaml.root);
  const fields = readMap(at, 'a policy file', ['version', 'about', 'rules']);
  if (fields === undefined) return [];
  if (fields['version'] === undefined)
    complain(
      { ...at, span: { start: 0, end: 1 } },
      { message: 'version is missing', fix: 'write "version: 1" first' },
    );
  else readVersion(fields['version']);
  if (fields['rules'] === undefined) {
    complain(
      { ...at, span: { start: 0, end: 1 } },
      { message: 'rules is missing', fix: 'write "rules:" and a list of rules' },
    );
    return [];
  }
  const items = readList(fields['rules'], 'rules', LIMITS.rules_max) ?? [];
  return items.flatMap((item) => readRule(item, { options, bindings }) ?? []);
}

function readVersion(at: Cursor): void {
  if (isScalar(at.node) && at.node.value === 1) return;
  complain(at, { message: 'this gateway reads policy files of version 1', fix: 'write version: 1' });
}

/** Two rules of one name could not be told apart in an explanation, an audit entry or a test. */
function refuseTwins(rules: readonly Rule[], files: readonly PolicyFile[], problems: PolicyProblem[]): void {
  const first = new Map<string, Rule>();
  for (const rule of rules) {
    const twin = first.get(rule.id);
    if (twin === undefined) {
      first.set(rule.id, rule);
      continue;
    }
    const source = files.find((file) => file.path === rule.file)?.text.split(/\r?\n/)[rule.line - 1] ?? '';
    const column = source.search(/[^\s-]/) + 1;
    problems.push({
      file: rule.file,
      line: rule.line,
      column: Math.max(1, column),
      length: Math.max(1, source.length - column + 1),
      rule: rule.id,
      key: 'id',
      message: `another rule is already called ${rule.id}`,
      fix: `rename one; the other is at ${twin.file}:${twin.line}`,
      source,
    });
  }
}

function makePolicy(
  rules: readonly Rule[],
  files: readonly PolicyFile[],
  options: LoadOptions,
): LoadedPolicy {
  const digest = policyDigest(files);
  const ref = {
    id: options.id ?? 'policy',
    version: options.version ?? digest.slice('sha256:'.length).slice(0, 12),
    digest,
  };
  const decider = new Decider(rules, ref, options.known?.groups);
  const asking = rules.filter((rule) => rule.ask_reason && !rule.dry_run);
  return {
    ref,
    rules,
    canHold: rules.some((rule) => rule.then === 'require' && !rule.dry_run),
    decide: (evaluation: Evaluation) => decider.decide(evaluation),
    asksReason: (scope) => asking.some((rule) => bearsOn(rule, scope)),
  };
}
