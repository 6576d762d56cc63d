import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const pages = globSync(['*.md', '{core,sdk,gateway,conformance,bench,docs}/**/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**', '**/dist/**'],
});

/** Targets of Markdown links that are files of this repository. Code blocks hold no links. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

test('links in prose are found, those in code and to elsewhere are not', () => {
  assert.deepEqual(linksOf('[a](b.md#c) [d](https://e.test) `[f](g)`\n```\n[h](i)\n```\n[j](../k)'), [
    'b.md',
    '../k',
  ]);
});

for (const page of pages) {
  test(`${page} links to what is there`, () => {
    const text = readFileSync(join(root, page), 'utf8');
    const dead = linksOf(text).filter((target) => !existsSync(join(root, dirname(page), target)));
    assert.deepEqual(dead, []);
  });
}

test('decisions are numbered in order, without gaps', () => {
  const numbers = globSync('docs/decisions/*.md', { cwd: root }).map(
    (path) => /(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1],
  );
  assert.deepEqual(
    numbers.sort(),
    numbers.map((_, at) => String(at + 1).padStart(4, '0')),
  );
});

test('SECURITY.md has one row for each invariant and each attack', () => {
  const rows = [...readFileSync(join(root, 'SECURITY.md'), 'utf8').matchAll(/^\| ([AI]\d+) \|/gm)].map(
    (match) => match[1],
  );
  const all = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);
  assert.deepEqual(rows, [...all('I', 15), ...all('A', 28)]);
});
