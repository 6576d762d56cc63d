/** What can stand at the cursor of a policy file, from the words the gateway's own checker goes by. Pure. */
import type { PolicyVocabulary } from '@countersign/sdk';

export type Offered = {
  readonly label: string;
  readonly detail?: string;
  readonly kind: 'keyword' | 'property' | 'variable' | 'function' | 'constant';
  /** What is written, where it is more than the label. */
  readonly apply?: string;
};
export type Completion = { readonly from: number; readonly options: readonly Offered[] };

type Words = PolicyVocabulary;

/** `before`: the text up to the cursor; `from` counts in it. */
export function completionsAt(before: string, words: Words): Completion | undefined {
  const start = before.lastIndexOf('\n') + 1;
  const line = before.slice(start);
  if (/^\s*#/.test(line)) return undefined;
  const value =
    /(?:^|[{,\s-])(then|risk|on|proof|class|env|agent|upstream|team|resource|by|exclude|notify|review):\s*(?:\[(?:[^,[\]{}]*,\s*)*)?"?([\w:.*-]*)$/.exec(
      line,
    );
  if (value !== null) {
    const [, key = '', typed = ''] = value;
    const options = valuesOf(key, words);
    return options.length === 0 ? undefined : { from: before.length - typed.length, options };
  }
  if (inCondition(before, line)) {
    const [typed = ''] = /[\w.]*$/.exec(line) ?? [];
    return { from: before.length - typed.length, options: factsAndFunctions(words) };
  }
  const where = /where:\s*\{(?:[^{}]*,)?\s*(\w*)$/.exec(line);
  if (where !== null)
    return { from: before.length - (where[1] ?? '').length, options: words.where.map((key) => keyed(key)) };
  const key = /^(?:\s*-\s+|\s+)(?:\{(?:.*,)?\s*)?(\w*)$/.exec(line);
  if (key === null) return undefined;
  return {
    from: before.length - (key[1] ?? '').length,
    options: words.rule.map(({ key: name, only_with }) =>
      keyed(name, only_with === undefined ? undefined : `with ${only_with.join(', ')}`),
    ),
  };
}

const keyed = (key: string, detail?: string): Offered => ({
  label: key,
  kind: 'property',
  apply: `${key}: `,
  ...(detail === undefined ? {} : { detail }),
});

/** On a line that begins `when:`, or deeper below one that ends so. */
function inCondition(before: string, line: string): boolean {
  if (/(?:^|[{,\s])when:\s*/.test(line)) return true;
  const lines = before.split('\n').slice(0, -1);
  const indent = indentOf(line);
  for (const above of lines.toReversed()) {
    if (above.trim() === '' || indentOf(above) >= indent) continue;
    return /when:\s*[|>]-?\s*$/.test(above);
  }
  return false;
}
const indentOf = (line: string): number => line.length - line.trimStart().length;

function valuesOf(key: string, words: Words): readonly Offered[] {
  const { names } = words;
  const constants = (values: readonly string[]): readonly Offered[] =>
    values.map((label) => ({ label, kind: 'constant' }));
  const people = [
    ...names.groups.map((name) => `group:${name}`),
    ...names.people.map((name) => `person:${name}`),
  ];
  switch (key) {
    case 'then':
      return constants(words.effects);
    case 'risk':
      return constants(words.risks);
    case 'on':
      return constants(words.bindings.map(({ name }) => name));
    case 'proof':
      return constants(words.proofs);
    case 'env':
      return constants(names.envs);
    case 'agent':
      return constants(names.agents);
    case 'team':
      return constants(names.teams);
    case 'upstream':
      return constants(names.upstreams);
    case 'class':
      return constants([...new Set(words.tools.map((tool) => tool.class))]);
    case 'resource':
      return words.tools.map(({ tool, upstream }) => ({ label: tool, detail: upstream, kind: 'constant' }));
    default:
      return constants(key === 'by' ? ['anyone', 'own_team', 'other_team', ...people] : people);
  }
}

function factsAndFunctions({ facts, bindings, functions, tools }: Words): readonly Offered[] {
  const seen = new Map<string, Offered>();
  const all = [...facts, ...bindings.flatMap((one) => one.facts), ...tools.flatMap((one) => one.facts)];
  for (const { path, type } of all) seen.set(path, { label: path, detail: type, kind: 'variable' });
  for (const { name, answers, kind } of functions)
    seen.set(`${name}()`, {
      label: name,
      detail: `${kind} → ${answers}`,
      kind: 'function',
      apply: `${name}(`,
    });
  return [...seen.values()];
}
