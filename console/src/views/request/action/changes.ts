/**
 * Changes of the gateway's own as differences, line by line: a rule, an entry of the configuration, the definition of a
 * tool, before and after. The lines are core's, as everywhere; here they are only paired.
 */
import { formatLine, type Line } from '@countersign/core';
import { linesOf, type Node, nameOf } from './tree.ts';

export type DiffLine = { readonly sign: ' ' | '+' | '-'; readonly text: string };
export type Change = {
  readonly title: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly lines: readonly DiffLine[];
};

/** For the arguments that say before and after; undefined for others. */
export function changesOf(argument: string, node: Node): readonly Change[] | undefined {
  if (node.line.kind !== 'open') return undefined;
  if (argument === 'added') return node.children.map((child) => whole(child, 'added'));
  if (argument === 'removed') return node.children.map((child) => whole(child, 'removed'));
  if (argument === 'changed') return everyOf(node, (child) => between(child, titleOf(child)));
  if (argument === 'changes') return everyOf(node, changeOfTool);
  return undefined;
}

/** All of them or none: what is not understood stays a tree, where it is shown as it stands. */
function everyOf(
  { children }: Node,
  read: (child: Node) => Change | undefined,
): readonly Change[] | undefined {
  const found = children.flatMap((child) => read(child) ?? []);
  return found.length === children.length && found.length > 0 ? found : undefined;
}

const titleOf = ({ line }: Node): string => nameOf(line) ?? '';

function whole(child: Node, kind: 'added' | 'removed'): Change {
  const sign = kind === 'added' ? '+' : '-';
  return { title: titleOf(child), kind, lines: textOf(child).map((text) => ({ sign, text })) };
}

const memberOf = ({ children }: Node, key: string): Node | undefined =>
  children.find(({ line }) => line.key === `"${key}"`);

function between(node: Node, title: string, known: readonly string[] = []): Change | undefined {
  const [before, after] = [memberOf(node, 'before'), memberOf(node, 'after')];
  const here = ['before', 'after', ...known].filter((key) => memberOf(node, key) !== undefined).length;
  if (here !== node.children.length || (before === undefined && after === undefined)) return undefined;
  if (before === undefined && after !== undefined) return { ...whole(after, 'added'), title };
  if (after === undefined && before !== undefined) return { ...whole(before, 'removed'), title };
  if (before === undefined || after === undefined) return undefined;
  return { title, kind: 'changed', lines: diffLines(textOf(before), textOf(after)) };
}

/** `{ path, kind, before?, after? }`, as the difference between two definitions of a tool is told. */
function changeOfTool(node: Node): Change | undefined {
  const path = memberOf(node, 'path');
  if (path === undefined || path.children.length > 0 || path.more.length > 0) return undefined;
  return between(node, nameOf({ ...path.line, key: path.line.value }) ?? '', ['path', 'kind']);
}

/** Without its own key, and from the margin. */
function textOf(node: Node): readonly string[] {
  const [first, ...others] = linesOf(node);
  if (first === undefined) return [];
  const depth = first.indent;
  const { key: _, ...bare } = first;
  return [bare as Line, ...others].map((line) => formatLine({ ...line, indent: line.indent - depth }));
}

/** Beyond this the lines are not paired: all of the old ones, then all of the new. */
const CELLS_MAX = 4_000_000;

/** The fewest lines that went and came (longest common subsequence). */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const gone = (text: string): DiffLine => ({ sign: '-', text });
  const come = (text: string): DiffLine => ({ sign: '+', text });
  if (before.length * after.length > CELLS_MAX) return [...before.map(gone), ...after.map(come)];
  const common = lengths(before, after);
  const found: DiffLine[] = [];
  let [a, b] = [0, 0];
  while (a < before.length || b < after.length) {
    const [old, now] = [before[a], after[b]];
    if (old !== undefined && old === now) {
      found.push({ sign: ' ', text: old });
      a += 1;
      b += 1;
    } else if (old !== undefined && (now === undefined || at(common, a + 1, b) >= at(common, a, b + 1))) {
      found.push(gone(old));
      a += 1;
    } else if (now !== undefined) {
      found.push(come(now));
      b += 1;
    }
  }
  return found;
}

type Table = { readonly cells: Uint32Array; readonly width: number };
const at = ({ cells, width }: Table, a: number, b: number): number => cells[a * width + b] ?? 0;

function lengths(before: readonly string[], after: readonly string[]): Table {
  const width = after.length + 1;
  const table = { cells: new Uint32Array((before.length + 1) * width), width };
  for (let a = before.length - 1; a >= 0; a -= 1)
    for (let b = after.length - 1; b >= 0; b -= 1)
      table.cells[a * width + b] =
        before[a] === after[b]
          ? at(table, a + 1, b + 1) + 1
          : Math.max(at(table, a + 1, b), at(table, a, b + 1));
  return table;
}
