/**
 * What differs between two sets of policy files, as `git diff` writes it: `git apply` takes it, and a person reads it.
 * Whole: what a patch does not say is not different.
 */

import type { PolicyFile } from './files.ts';
import { diffLines, type Edit } from './line-diff.ts';

export type FilePatch = {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly lines_added: number;
  readonly lines_removed: number;
  /** From the first `@@`, without what names the file. */
  readonly hunks: readonly string[];
};

const CONTEXT_LINES = 3;
const NO_NEWLINE = '\\ No newline at end of file';

/** In the order of the paths; nothing for files that are the same. */
export function diffFiles(before: readonly PolicyFile[], after: readonly PolicyFile[]): readonly FilePatch[] {
  const [old, now] = [textsOf(before), textsOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path): readonly FilePatch[] => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    const edits = diffLines(linesOf(was ?? ''), linesOf(is ?? ''));
    return [
      {
        path,
        change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
        lines_added: edits.filter(({ kind }) => kind === 'new').length,
        lines_removed: edits.filter(({ kind }) => kind === 'gone').length,
        hunks: hunksOf(edits),
      },
    ];
  });
}

const textsOf = (files: readonly PolicyFile[]): ReadonlyMap<string, string> =>
  new Map(files.map(({ path, text }) => [path, text]));

/** Each with its line feed, so that a last line without one differs from the same with one. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** `folder`: what the paths are below, in the repository; empty for none. */
export function patchOf(patches: readonly FilePatch[], folder: string): string {
  return patches
    .map((patch) => `${headOf(patch, folder).join('\n')}\n${patch.hunks.map((line) => `${line}\n`).join('')}`)
    .join('');
}

function headOf({ path, change }: FilePatch, folder: string): readonly string[] {
  const at = folder === '' ? path : `${folder}/${path}`;
  // A name with a space ends in a tab, or a reader would not see where it ends.
  const end = at.includes(' ') ? '\t' : '';
  return [
    `diff --git a/${at} b/${at}`,
    ...(change === 'added' ? ['new file mode 100644'] : []),
    ...(change === 'removed' ? ['deleted file mode 100644'] : []),
    change === 'added' ? '--- /dev/null' : `--- a/${at}${end}`,
    change === 'removed' ? '+++ /dev/null' : `+++ b/${at}${end}`,
  ];
}

type Placed = Edit & { readonly old: number; readonly now: number };

function hunksOf(edits: readonly Edit[]): readonly string[] {
  let [old, now] = [1, 1];
  const placed = edits.map((edit): Placed => {
    const at = { ...edit, old, now };
    if (edit.kind !== 'new') old += 1;
    if (edit.kind !== 'gone') now += 1;
    return at;
  });
  return rangesOf(edits).flatMap(([from, to]) => hunkOf(placed.slice(from, to)));
}

/** Stretches of edits with their context, those that touch as one. */
function rangesOf(edits: readonly Edit[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const [at, { kind }] of edits.entries()) {
    if (kind === 'same') continue;
    const [from, to] = [Math.max(0, at - CONTEXT_LINES), Math.min(edits.length, at + CONTEXT_LINES + 1)];
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges;
}

const MARK = { same: ' ', gone: '-', new: '+' } as const;

function hunkOf(hunk: readonly Placed[]): readonly string[] {
  const [first] = hunk;
  const before = hunk.filter(({ kind }) => kind !== 'new').length;
  const after = hunk.filter(({ kind }) => kind !== 'gone').length;
  const lines = hunk.flatMap(({ kind, line }) =>
    line.endsWith('\n') ? [MARK[kind] + line.slice(0, -1)] : [MARK[kind] + line, NO_NEWLINE],
  );
  return [`@@ -${range(first?.old ?? 1, before)} +${range(first?.now ?? 1, after)} @@`, ...lines];
}

/** An empty range stands after the line before it. */
const range = (from: number, count: number): string => `${count === 0 ? from - 1 : from},${count}`;
