/**
 * The action of a request, drawn for its kind: a statement as a statement, a change as a change, anything else as it
 * stands. Whatever the form, every line comes from core's one rendering, and none is left out (I6, A4, A5).
 *
 * This file: that rendering's lines, put back into the shape they came from.
 */
import type { Line } from '@countersign/core';

export type Node = {
  readonly line: Line;
  /** The further lines of a text, and what says that some are missing. */
  readonly more: readonly Line[];
  readonly children: readonly Node[];
  readonly close?: Line;
};

export function treeOf(lines: readonly Line[]): readonly Node[] {
  const cursor = { at: 0 };
  const roots: Node[] = [];
  while (cursor.at < lines.length) {
    const node = nodeAt(lines, cursor);
    if (node === undefined) break;
    roots.push(node);
  }
  return roots;
}

function nodeAt(lines: readonly Line[], cursor: { at: number }): Node | undefined {
  const line = lines[cursor.at];
  if (line === undefined) return undefined;
  cursor.at += 1;
  if (line.kind === 'open') return containerAt(lines, line, cursor);
  const more: Line[] = [];
  for (let next = lines[cursor.at]; next !== undefined && isMore(line, next); next = lines[cursor.at]) {
    more.push(next);
    cursor.at += 1;
  }
  return { line, more, children: [] };
}

const isMore = (line: Line, next: Line): boolean =>
  line.kind === 'string' &&
  next.indent === line.indent + 1 &&
  (next.kind === 'string-part' || next.kind === 'cut');

function containerAt(lines: readonly Line[], line: Line, cursor: { at: number }): Node {
  const children: Node[] = [];
  for (let next = lines[cursor.at]; next !== undefined; next = lines[cursor.at]) {
    if (next.kind === 'close' && next.indent === line.indent) {
      cursor.at += 1;
      return { line, more: [], children, close: next };
    }
    const child = nodeAt(lines, cursor);
    if (child !== undefined) children.push(child);
  }
  return { line, more: [], children };
}

/** Every line of it, in order. */
export function linesOf(node: Node): readonly Line[] {
  const close = node.close === undefined ? [] : [node.close];
  return [node.line, ...node.more, ...node.children.flatMap(linesOf), ...close];
}

export const countOf = ({ more, children, close }: Node): number =>
  1 + more.length + (close === undefined ? 0 : 1) + children.reduce((sum, child) => sum + countOf(child), 0);

export function nodeOf(nodes: readonly Node[], pointer: string): Node | undefined {
  for (const node of nodes) {
    if (node.line.pointer === pointer) return node;
    const found = pointer.startsWith(node.line.pointer) ? nodeOf(node.children, pointer) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const PLAIN = /^"([A-Za-z0-9_.:/-]+)"$/;

/** A key as text, without its quotes where nothing in it could mislead; undefined for items of a list. */
export const nameOf = ({ key }: Line): string | undefined =>
  key === undefined ? undefined : (PLAIN.exec(key)?.[1] ?? key);

export type Leaf = { readonly path: string; readonly lines: readonly Line[] };

/** What is left of the tree without one part of it: every value with where it stands. */
export function leavesOf(nodes: readonly Node[], without?: Node, above = ''): readonly Leaf[] {
  return nodes.flatMap((node, index) => {
    if (node === without) return [];
    const name = nameOf(node.line) ?? (above === '' ? '' : String(index + 1));
    const path = [above, name].filter((part) => part !== '').join(' › ');
    if (node.children.length > 0) return leavesOf(node.children, without, path);
    return [{ path, lines: [node.line, ...node.more] }];
  });
}
