/** What the pages say to write is taken as written. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { REFUSALS } from '../identity/workload/refusal.ts';
import { parseConfig } from './config.ts';
import { parseConfigSource } from './source.ts';

const page = readFileSync(new URL('../../../docs/workload-identity.md', import.meta.url), 'utf8');

describe('docs/workload-identity.md', () => {
  const blocks = [...page.matchAll(/```yaml config\n(.*?)```/gs)].map(([, text = '']) => text);
  it('has configurations', () => assert.ok(blocks.length >= 5));
  for (const [at, text] of blocks.entries())
    it(`configuration ${at + 1} loads`, () => void parseConfig(parseConfigSource('docs.yaml', text)));
  it('says of every refusal what to look at', () => {
    for (const code of Object.keys(REFUSALS)) assert.ok(page.includes(`\`${code}\``), code);
  });
});
