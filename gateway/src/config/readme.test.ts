/** What the README says to write is taken as written, all of it together. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { parseConfig } from './config.ts';
import { parseConfigSource } from './source.ts';

const page = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

it('the configurations of README.md load together', () => {
  const blocks = [...page.matchAll(/```yaml config\n(.*?)```/gs)].map(([, text = '']) => text);
  assert.ok(blocks.length >= 3);
  const people = 'people: { alice: { name: Alice, roles: [operator, reviewer] } }\n';
  const text = (people + blocks.join('')).replaceAll('sha256:…', `sha256:${'0'.repeat(64)}`);
  const { sign_in, workload_identity } = parseConfig(parseConfigSource('README.md', text));
  assert.deepEqual([Object.keys(sign_in.oidc), workload_identity.length], [['okta'], 1]);
});
