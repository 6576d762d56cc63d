/** What changes between two policies, rule by rule, as written. For the audit entry, the log line and the person who looks. */
import type { Json, JsonObject } from '@countersign/core';
import type { LoadedPolicy } from '../load.ts';
import type { Rule } from '../rules/rule.ts';

export type RuleChange = {
  readonly rule: string;
  /** The top-level keys of the rule that differ. */
  readonly keys: readonly string[];
  readonly before: JsonObject;
  readonly after: JsonObject;
};

export type PolicyDiff = {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly RuleChange[];
};

export function diffPolicies(before: LoadedPolicy, after: LoadedPolicy): PolicyDiff {
  const [old, now] = [byId(before), byId(after)];
  const changed = [...now.values()].flatMap((rule) => {
    const was = old.get(rule.id);
    return was === undefined ? [] : changeOf(was, rule);
  });
  return {
    added: [...now.keys()].filter((id) => !old.has(id)).sort(),
    removed: [...old.keys()].filter((id) => !now.has(id)).sort(),
    changed: changed.toSorted((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}

const byId = (policy: LoadedPolicy): ReadonlyMap<string, Rule> =>
  new Map(policy.rules.map((rule) => [rule.id, rule]));

function changeOf({ written: before }: Rule, { id, written: after }: Rule): readonly RuleChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differing = keys.filter((key) => text(before[key]) !== text(after[key])).sort();
  return differing.length === 0 ? [] : [{ rule: id, keys: differing, before, after }];
}

const text = (value: Json | undefined): string => JSON.stringify(value) ?? '';

/** One line a change: `+ new`, `- gone`, `~ changed: then, where`. */
export function formatDiff({ added, removed, changed }: PolicyDiff): string {
  const lines = [
    ...added.map((rule) => `+ ${rule}`),
    ...removed.map((rule) => `- ${rule}`),
    ...changed.map(({ rule, keys }) => `~ ${rule}: ${keys.join(', ')}`),
  ];
  return lines.length === 0 ? 'no rule changed' : lines.join('\n');
}
