/** What docs/slack.md and docs/teams.md say to write loads, and what they say somebody may read somewhere is really said. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../config/config.ts';
import { parseConfigSource } from '../config/source.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, 'utf8');
const said = globSync('{gateway/src,console/src}/**/*.{ts,tsx}', {
  cwd: root,
  exclude: (entry) => /\.test\.ts$|node_modules/.test(entry),
})
  .map(read)
  .join('\n');

/** Words of the services’ own, which no code of ours says. */
const THEIRS = new Set([
  'BotNotInConversationRoster',
  'ConversationNotFound',
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  '(ECONNREFUSED)',
]);

for (const [page, heading] of [
  ['docs/slack.md', '## When something is wrong'],
  ['docs/teams.md', '## When it does not work'],
] as const)
  describe(page, () => {
    const text = read(page);
    const blocks = [...text.matchAll(/```yaml config\n(.*?)```/gs)].map(([, block = '']) => block);
    it('shows configurations that load', () => {
      assert.ok(blocks.length > 0);
      for (const block of blocks) parseConfig(parseConfigSource('docs.yaml', block));
    });

    const rows = (text.split(heading)[1]?.split('\n## ')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split('|')[1] ?? '');
    const symptoms = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words));
    it('names symptoms', () => assert.ok(symptoms.length > 12));
    for (const symptom of new Set(symptoms))
      it(`“${symptom}” is what is said`, () => {
        if (THEIRS.has(symptom)) return;
        // What differs from case to case stands in brackets at the end, or as dots.
        const parts = symptom
          .replace(/ \([^)]*\)$/, '')
          .split('…')
          .map((part) => part.trim());
        for (const part of parts) assert.ok(said.includes(part), part);
      });
  });
