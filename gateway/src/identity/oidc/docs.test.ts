import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { FAILURES } from './failure.ts';

it('docs/identity.md says of every refused sign-in what happened and what helps', () => {
  const page = readFileSync(new URL('../../../../docs/identity.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const told = new Set(
    rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)),
  );
  assert.deepEqual(
    Object.keys(FAILURES).filter((reason) => !told.has(reason)),
    [],
  );
});
