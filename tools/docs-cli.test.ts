import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isGroup } from '../gateway/src/cli/dispatch/group.ts';
import { foldUsage, overview } from '../gateway/src/cli/dispatch/help.ts';
import { VERBS } from '../gateway/src/cli/dispatch/verbs.ts';
import type { Verb } from '../gateway/src/cli/verb.ts';
import { cliPage, page } from './docs-cli.ts';

test('docs/cli.md says what the verbs say', async () => {
  const fresh = await cliPage();
  assert.equal(readFileSync(page, 'utf8'), fresh, 'docs/cli.md is stale; run: npm run docs');
});

/** Every verb and inner verb, by the words that call it. */
async function everyVerb(): Promise<readonly (readonly [words: string, verb: Verb])[]> {
  const loaded = await Promise.all(
    Object.entries(VERBS).map(async ([name, { load }]) => [name, (await load()).verb] as const),
  );
  return loaded.flatMap(([name, verb]) =>
    isGroup(verb)
      ? [
          [name, verb] as const,
          ...Object.entries(verb.verbs).map(([each, one]) => [`${name} ${each}`, one] as const),
        ]
      : [[name, verb] as const],
  );
}

test('every verb says how it is called, in 80 columns', async () => {
  for (const [words, verb] of await everyVerb()) {
    assert.ok(verb.usage.startsWith(`countersign ${words}`), words);
    assert.match(verb.about, /^[A-Z].*[^.]$/, words);
    for (const row of foldUsage(verb.usage).split('\n')) assert.ok(row.length <= 80, `${words}: ${row}`);
  }
});

test('help fits 80 columns', () => {
  for (const row of overview(VERBS).split('\n')) assert.ok(row.length <= 80, row);
});

test('what help lists is what the verb says of itself', async () => {
  for (const [name, { about, load }] of Object.entries(VERBS))
    assert.equal(about, (await load()).verb.about, name);
});
