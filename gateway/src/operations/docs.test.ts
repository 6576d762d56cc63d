/** What docs/operators.md tells people to write loads, and asks what it says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CONFIG } from '../../testing/rig.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { loadOptionsOf } from '../in-force/policy.ts';
import { buildPolicy } from '../policy/check.ts';
import { decideOperation } from './decide.ts';
import { asked, OPERATION_NAMES } from './operation.ts';

const page = readFileSync(new URL('../../../docs/operators.md', import.meta.url), 'utf8');

test('the policy of docs/operators.md asks security about tools, and about nothing else', () => {
  const [, text = ''] = /```yaml policy\n(.*?)```/s.exec(page) ?? [];
  const options = loadOptionsOf({ config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER });
  const policy = buildPolicy([{ path: 'policy.yaml', text }], options);
  for (const name of OPERATION_NAMES) {
    const { evaluation } = asked({ name, by: 'alice', resource: 'r', arguments: {} }, 'default');
    const want = name === 'countersign.tools.accept' ? 'require' : 'allow';
    assert.equal(decideOperation({ policy }, evaluation).effect, want, name);
  }
});

test('docs/operators.md names every kind of change', () => {
  for (const name of OPERATION_NAMES) assert.ok(page.includes(`\`${name}\``), name);
});
