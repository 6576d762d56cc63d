import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Preview } from '@countersign/sdk';
import type { Drawing } from '../frame.ts';
import { previewRows } from './rows.ts';

it('A1: a line taken away that begins with dashes is drawn as taken away', () => {
  const preview: Preview = {
    state: 'shown',
    id: 'prv_x',
    at: 0,
    tool: 'edit_file',
    dry_run: true,
    hidden: 0,
    labels: [],
    hidden_differs: false,
    again: false,
    show: 'patch',
    text: '--- a\n+++ b\n@@ -1,2 +1,1 @@\n--- deny all\n x\n',
    added: 0,
    removed: 1,
  };
  const drawing = { width: 80, paint: (_: string, text: string) => text } as unknown as Drawing;
  assert.match(previewRows(preview, drawing).join('\n'), /│ - -- deny all\n.*│ {3}x/);
});
