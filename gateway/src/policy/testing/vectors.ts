/** The bindings of the decision tables, for tests of the engine itself. */
import { readFileSync } from 'node:fs';
import type { LoadedPolicy } from '../load.ts';
import { loadPolicy } from '../load.ts';
import type { BindingSchema } from '../policy.ts';
import type { LoadOptions } from '../rules/options.ts';

const FOLDER = new URL('../../../../conformance/vectors/policy/bindings/', import.meta.url);

export const bindings: readonly BindingSchema[] = ['mcp', 'sql'].map(
  (name) => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as BindingSchema,
);

/** A policy of these rules, in YAML flow or block. @throws Error with the first problem */
export function policyOf(rules: string, options: Partial<LoadOptions> = {}): LoadedPolicy {
  const text = `version: 1\nrules:\n${rules}\n`;
  const loaded = loadPolicy([{ path: 'policy.yaml', text }], { bindings, ...options });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems[0]));
  return loaded.policy;
}
