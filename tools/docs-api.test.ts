import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { apiPage, page } from './docs-api.ts';

test('docs/api.md says what the routes say', async () => {
  assert.equal(readFileSync(page, 'utf8'), await apiPage(), 'docs/api.md is stale; run: npm run docs');
});
