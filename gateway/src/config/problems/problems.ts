/** What the schema found wrong, as problems with their place: every one of them, each once, each with what would be right. */
import type { z } from 'zod';
import type { ConfigProblem, ConfigSource } from '../source.ts';
import { likelySpelling } from '../spelling.ts';
import { type FormAt, formsOf } from './form.ts';
import { wordingOf } from './wording.ts';

type Issue = z.core.$ZodIssue;
type Place = { readonly source: ConfigSource; readonly formAt: FormAt };

const KEYS_SHOWN = 6;

export function problemsOf(
  issues: readonly Issue[],
  source: ConfigSource,
  schema: z.ZodType,
): ConfigProblem[] {
  const place = { source, formAt: formsOf(schema) };
  const all = issues.flatMap((issue) => told(issue, place));
  // Of the wrong kind altogether, what else its checks say of a value is noise.
  return all.filter(
    ({ key, line }, at) => all.findIndex((other) => other.key === key && other.line === line) === at,
  );
}

function told(issue: Issue, place: Place): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key, place));
  const value = valueAt(place.source.value, issue.path);
  const form = place.formAt(issue.path);
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(value, form?.required ?? []);
    const meant = branch === undefined ? undefined : issue.errors[branch];
    if (meant !== undefined)
      return meant.flatMap((each) => told({ ...each, path: [...issue.path, ...each.path] }, place));
  }
  return [problem(issue.path, wordingOf(issue, { value, form }), place)];
}

function unknownKey(path: readonly PropertyKey[], key: string, place: Place): ConfigProblem {
  const known = place.formAt(path)?.keys ?? [];
  const near = likelySpelling(key, known);
  const mend =
    near !== undefined
      ? `did you mean “${near}”?`
      : known.length > 0 && known.length <= KEYS_SHOWN
        ? `the keys here are: ${known.join(', ')}`
        : 'see docs/configuration.md';
  return problem([...path, key], `unknown key; ${mend}`, place);
}

function problem(path: readonly PropertyKey[], message: string, { source }: Place): ConfigProblem {
  return { file: source.file, line: source.lineOf(path), key: path.map(String).join('.'), message };
}

/** The one choice whose required keys are all there. */
function meantBranch(value: unknown, required: readonly (readonly string[])[]): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const [only, ...more] = required.flatMap((keys, at) =>
    keys.every((key) => Object.hasOwn(value, key)) ? [at] : [],
  );
  return more.length === 0 ? only : undefined;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as { readonly [key: PropertyKey]: unknown })[key];
  }
  return value;
}
