/**
 * Previews for tools `init` recognises, by name and by what they take: what a reviewer wants to see is there to be read.
 * Only with a reader the operator let run freely; a tool's own dry run is written down and left off, as it takes the
 * server's word.
 */
import { isJsonObject } from '@countersign/core';
import type { ListedTool } from '../setup/tools.ts';

export type Suggested = {
  readonly tool: string;
  /** False: written as a comment. */
  readonly trusted: boolean;
  readonly line: string;
};

type Recipe = {
  readonly tool: string;
  readonly takes: readonly string[];
  /** Any of these, taking `reads`. */
  readonly readers?: readonly string[];
  readonly reads?: readonly string[];
  readonly line: (reader: string) => string;
};

const RECIPES: readonly Recipe[] = [
  {
    tool: 'write_file',
    takes: ['path', 'content'],
    readers: ['read_text_file', 'read_file'],
    reads: ['path'],
    line: (reader) =>
      `write_file: { call: ${reader}, with: { path: args.path }, show: diff, against: args.content, missing: ENOENT }`,
  },
  {
    tool: 'edit_file',
    takes: ['path', 'edits', 'dryRun'],
    line: () =>
      'edit_file: { call: edit_file, with: { path: args.path, edits: args.edits, dryRun: true }, dry_run: dryRun, show: patch }',
  },
  {
    tool: 'move_file',
    takes: ['source', 'destination'],
    readers: ['get_file_info'],
    reads: ['path'],
    line: (reader) => `move_file: { call: ${reader}, with: { path: args.source } }`,
  },
];

export function suggestPreviews(
  tools: readonly ListedTool[],
  safe: ReadonlySet<string>,
): readonly Suggested[] {
  const has = (name: string, takes: readonly string[]): boolean =>
    tools.some(({ tool, input }) => {
      const { properties } = input;
      return (
        tool === name &&
        properties !== undefined &&
        isJsonObject(properties) &&
        takes.every((argument) => Object.hasOwn(properties, argument))
      );
    });
  return RECIPES.flatMap(({ tool, takes, readers, reads = [], line }): readonly Suggested[] => {
    if (!has(tool, takes)) return [];
    if (readers === undefined) return [{ tool, trusted: false, line: line('') }];
    const reader = readers.find((name) => safe.has(name) && has(name, reads));
    return reader === undefined ? [] : [{ tool, trusted: true, line: line(reader) }];
  });
}

/** Below `mcp:` of an upstream. */
export function previewsText(suggested: readonly Suggested[]): string {
  const lines = suggested.map(({ trusted, line }) =>
    trusted
      ? `        ${line}`
      : `        # Its own dry run; that it changes nothing is the server’s word:\n        # ${line}`,
  );
  const none = suggested.every(({ trusted }) => !trusted);
  const head = none
    ? '      # previews:'
    : '      previews:                        # what reviewers see a held call would change';
  return `\n${[head, ...lines].join('\n')}`;
}
