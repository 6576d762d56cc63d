/** What the pages say to write is taken as written. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { REFUSALS } from '../identity/workload/refusal.ts';
import { parseConfig } from './config.ts';
import { parseConfigSource } from './source.ts';

it('docs/running.md: the configuration behind a proxy loads', () => {
  const running = readFileSync(new URL('../../../docs/running.md', import.meta.url), 'utf8');
  const text = /```yaml config\n(.*?)```/s.exec(running)?.[1] ?? '';
  assert.deepEqual(parseConfig(parseConfigSource('docs.yaml', text)).listen.trusted_proxies, ['127.0.0.1']);
});

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
