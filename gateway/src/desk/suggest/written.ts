/**
 * A policy file with an exception in one rule and a new rule behind it, everything else as it was, comments included.
 * Only the text is made here; whether it loads, and what it does, the checker and a simulation say.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';

export type Edit = {
  readonly rule: string;
  /** What the rule asks for no longer. */
  readonly exception: string;
  /** The new rule's keys and values, in order; values as YAML. */
  readonly added: readonly (readonly [key: string, value: string])[];
};

export type Written = { readonly text: string; readonly rule_text: string; readonly asks_when: string };

/** Undefined for a file written in a way that cannot be changed without touching more of it. */
export function withException(text: string, edit: Edit): Written | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const rules = isMap(document.contents) ? document.contents.get('rules') : undefined;
  if (document.errors.length > 0 || !isSeq(rules) || rules.flow === true) return undefined;
  const rule = rules.items.find((item) => isMap(item) && (item as YAMLMap).get('id') === edit.rule);
  if (!isMap(rule) || rule.range == null) return undefined;
  const asks_when = conditionOf(rule, edit.exception);
  const when = asks_when === undefined ? undefined : changeWhen(text, rule, asks_when);
  if (when === undefined || asks_when === undefined) return undefined;
  const indent = indentOf(text, rule.range[0]);
  if (indent === undefined) return undefined;
  const rule_text = edit.added
    .map(([key, value], at) => `${indent}${at === 0 ? '- ' : '  '}${key}: ${value}\n`)
    .join('');
  const end = endOfLines(text, rule.range[1]);
  const behind: Change = {
    from: end,
    to: end,
    put: (end > 0 && text[end - 1] !== '\n' ? '\n' : '') + rule_text,
  };
  return { text: applied(text, [when, behind]), rule_text, asks_when };
}

type Change = { readonly from: number; readonly to: number; readonly put: string };

/** From the last to the first, so that places stay what they are. */
const applied = (text: string, changes: readonly Change[]): string =>
  changes
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, put }) => whole.slice(0, from) + put + whole.slice(to), text);

const pairOf = (rule: YAMLMap, key: string): Pair | undefined =>
  rule.items.find((pair) => isPair(pair) && isScalar(pair.key) && pair.key.value === key);

function conditionOf(rule: YAMLMap, exception: string): string | undefined {
  const when = pairOf(rule, 'when')?.value;
  if (when === undefined) return `!(${exception})`;
  if (!isScalar(when) || typeof when.value !== 'string') return undefined;
  return `(${when.value.trim()}) && !(${exception})`;
}

function changeWhen(text: string, rule: YAMLMap, condition: string): Change | undefined {
  const value = JSON.stringify(condition);
  const old = pairOf(rule, 'when')?.value;
  if (isScalar(old) && old.range != null) {
    const [from, to] = old.range;
    return { from, to, put: text.slice(from, to).endsWith('\n') ? `${value}\n` : value };
  }
  const [, end = 0] = rule.range ?? [];
  if (rule.flow === true) return { from: end - 1, to: end - 1, put: `, when: ${value} ` };
  const then = pairOf(rule, 'then')?.value;
  const place = isScalar(then) ? then.range?.[1] : undefined;
  const column = rule.range == null ? undefined : rule.range[0] - lineStart(text, rule.range[0]);
  if (place === undefined || column === undefined) return undefined;
  const at = endOfLines(text, place);
  return {
    from: at,
    to: at,
    put: `${text[at - 1] === '\n' ? '' : '\n'}${' '.repeat(column)}when: ${value}\n`,
  };
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Behind the line that `at` is on, or the end of the text; at the beginning of a line, there. */
function endOfLines(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/** What stands before the dash of an item. */
function indentOf(text: string, at: number): string | undefined {
  return /^( *)- +$/.exec(text.slice(lineStart(text, at), at))?.[1];
}
