import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedTool } from '../setup/tools.ts';
import { previewsText, suggestPreviews } from './previews.ts';

const tool = (name: string, ...takes: readonly string[]): ListedTool => ({
  upstream: 'files',
  tool: name,
  status: 'quarantined',
  class: 'unknown',
  pin: `sha256:${'0'.repeat(64)}`,
  seen_at: 0,
  description: '',
  says_read_only: false,
  says_destructive: true,
  input: { type: 'object', properties: Object.fromEntries(takes.map((each) => [each, {}])) },
});
const FILES = [
  tool('read_text_file', 'path'),
  tool('write_file', 'path', 'content'),
  tool('edit_file', 'path', 'edits', 'dryRun'),
];

test('a write is shown against what its reader says is there, where that may run freely', () => {
  assert.deepEqual(
    suggestPreviews(FILES, new Set(['read_text_file'])).map(({ tool: of, trusted }) => [of, trusted]),
    [
      ['write_file', true],
      ['edit_file', false],
    ],
  );
  assert.deepEqual(
    suggestPreviews(FILES, new Set()).map(({ tool: of }) => of),
    ['edit_file'],
  );
});

test('a tool that only has the name is not recognised', () => {
  assert.deepEqual(
    suggestPreviews([tool('write_file', 'file', 'text'), tool('read_file', 'path')], new Set(['read_file'])),
    [],
  );
  assert.deepEqual(suggestPreviews([tool('edit_file', 'path', 'edits')], new Set()), []);
});

test('what takes the server’s word is written down and left off', () => {
  const text = previewsText(suggestPreviews(FILES, new Set(['read_text_file'])));
  assert.match(text, /^\n {6}previews: .*\n {8}write_file: \{ call: read_text_file,/);
  assert.match(text, /\n {8}# edit_file: \{ .* dry_run: dryRun/);
  assert.match(previewsText(suggestPreviews(FILES, new Set())), /^\n {6}# previews:\n {8}# /);
});
