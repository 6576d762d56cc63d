/** Which form each part of an action is best read in. It chooses a form and nothing else: all of it is drawn in any form. */
import { isJsonArray, isJsonObject, type JsonObject, member } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import type { Drawn } from '../../../data/shown-action.ts';
import { type Change, changesOf } from './changes.ts';
import { type Leaf, leavesOf, type Node, nameOf, nodeOf, treeOf } from './tree.ts';

export type Part = { readonly name: string | undefined; readonly node: Node } & (
  | { readonly as: 'tree' }
  | { readonly as: 'text'; readonly text: string; readonly language: Language }
  | { readonly as: 'argv'; readonly words: readonly string[] }
  | { readonly as: 'changes'; readonly changes: readonly Change[] }
);
export type Language = 'sql' | 'shell' | 'plain';

export type Presented = {
  readonly roots: readonly Node[];
  /** What is asked, argument by argument. */
  readonly parts: readonly Part[];
  /** Everything else that runs with it. */
  readonly rest: readonly Leaf[];
};

type Given = Pick<RequestDetail, 'agent' | 'shown_action'>;

export function present(given: Given, { rendering }: Drawn): Presented {
  const roots = treeOf(rendering.lines);
  const base = nodeOf(roots, '/context/arguments');
  if (base === undefined || base.line.kind !== 'open')
    return { roots, parts: [], rest: shortFirst(leavesOf(roots)) };
  const args = argumentsOf(given.shown_action);
  const partly = new Set(rendering.partly_redacted);
  const parts = base.children.map((node) => partOf(node, { args, partly, operation: isOperation(given) }));
  return { roots, parts, rest: shortFirst(leavesOf(roots, base)) };
}

const LONG = 40;
export const isLong = (lines: Leaf['lines']): boolean =>
  lines.length > 1 || (lines[0]?.value.length ?? 0) > LONG;

/** Digests and the like come last, so that the short ones can be read at a glance. */
const shortFirst = (leaves: readonly Leaf[]): readonly Leaf[] => [
  ...leaves.filter(({ lines }) => !isLong(lines)),
  ...leaves.filter(({ lines }) => isLong(lines)),
];

function argumentsOf(action: JsonObject): JsonObject {
  const context = member(action, 'context');
  const args = isJsonObject(context ?? null) ? member(context as JsonObject, 'arguments') : undefined;
  return args !== undefined && isJsonObject(args) ? args : {};
}

/** A change of the gateway's own. No agent can be called this: an agent's action cannot pass for one (A1). */
export const isOperation = ({ agent }: Pick<RequestDetail, 'agent'>): boolean =>
  agent === 'countersign:operations';

type Around = {
  readonly args: JsonObject;
  readonly partly: ReadonlySet<string>;
  readonly operation: boolean;
};

function partOf(node: Node, { args, partly, operation }: Around): Part {
  const name = nameOf(node.line);
  const key = keyOf(node);
  const value = key === undefined ? undefined : member(args, key);
  const here = { name, node };
  if (operation && key !== undefined) {
    const changes = changesOf(key, node);
    if (changes !== undefined) return { ...here, as: 'changes', changes };
  }
  if (node.line.kind === 'string' && typeof value === 'string' && !partly.has(node.line.pointer)) {
    const language = languageOf(key ?? '', value);
    if (language !== undefined) return { ...here, as: 'text', text: value, language };
  }
  if (
    value !== undefined &&
    isArgv(key ?? '', value) &&
    !node.children.some((child) => isPartly(child, partly))
  )
    return { ...here, as: 'argv', words: value };
  return { ...here, as: 'tree' };
}

const isPartly = ({ line }: Node, partly: ReadonlySet<string>): boolean =>
  line.kind !== 'string' || partly.has(line.pointer);

/** The last part of its JSON Pointer, as the action has it. */
const keyOf = ({ line }: Node): string | undefined =>
  line.pointer.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~');

const STATEMENT =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select\b[\s\S]*\bfrom\b|insert\s+into\b|update\s[\s\S]*\bset\b|delete\s+from\b|merge\s+into\b|with\s[\s\S]*\bas\b|truncate\s|(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:table|view|index|schema|database|role|user|function|extension|materialized|unique|policy|trigger)\b|(?:grant|revoke)\s[\s\S]*\b(?:to|from|on)\b|copy\s[\s\S]*\b(?:to|from)\b|explain\s)/i;
const SQL_NAME = /^(?:sql|statement|stmt)$|_sql$/i;
const SHELL_NAME = /^(?:command|cmd|script|shell|bash|command_line|commandline)$/i;

function languageOf(key: string, text: string): Language | undefined {
  if (SQL_NAME.test(key) || STATEMENT.test(text.slice(0, 20_000))) return 'sql';
  if (SHELL_NAME.test(key)) return 'shell';
  return text.trimEnd().includes('\n') ? 'plain' : undefined;
}

const ARGV_NAME = /^(?:argv|args|command|cmd)$/i;

const isArgv = (key: string, value: unknown): value is readonly string[] =>
  ARGV_NAME.test(key) &&
  Array.isArray(value) &&
  isJsonArray(value) &&
  value.length > 0 &&
  value.every((word) => typeof word === 'string');
