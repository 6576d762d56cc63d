import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configSchema, loadConfig } from '../gateway/src/config/config.ts';
import { configurationPage, page, rowsOf } from './docs-config.ts';

test('docs/configuration.md is what the schema says', () => {
  assert.equal(readFileSync(page, 'utf8'), configurationPage(), 'it is stale; run: npm run docs');
});

const rows: { name: string; schema: Parameters<typeof rowsOf>[1]; want: string[] }[] = [
  {
    name: 'a bounded number with a default',
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 20 },
    want: ['k: integer 1–1,000 (`20`)'],
  },
  {
    name: 'a kind with a name of its own',
    schema: { type: 'string', title: 'duration', default: '50s' },
    want: ['k: duration (`50s`)'],
  },
  { name: 'a closed list', schema: { enum: ['a', 'b'] }, want: ['k: `a`, `b` (**required**)'] },
  {
    name: 'a list',
    schema: { type: 'array', items: { type: 'string' } },
    want: ['k: list of string (**required**)'],
  },
  {
    name: 'a map without words of its own gives way to its keys',
    schema: { type: 'object', default: {}, properties: { a: { type: 'string' } }, required: ['a'] },
    want: ['k.a: string (**required**)'],
  },
  {
    name: 'names chosen by the operator',
    schema: {
      type: 'object',
      description: 'All.',
      additionalProperties: { type: 'object', properties: { a: { type: 'boolean' } } },
    },
    want: ['k: map of name to map (**required**)', 'k.<id>.a: boolean ()'],
  },
  {
    name: 'a choice of forms',
    schema: {
      anyOf: [
        {
          type: 'object',
          properties: { url: { type: 'string' }, wait: { type: 'integer' } },
          required: ['url'],
        },
        {
          type: 'object',
          properties: { command: { type: 'string' }, cwd: { type: 'string' }, wait: { type: 'integer' } },
          required: ['command'],
        },
      ],
    },
    want: [
      'k: map (**required**)',
      'k.url: string (**required** in this form)',
      'k.wait: integer ()',
      'k.command: string (**required** in this form)',
      'k.cwd: string () With `command`: ',
    ],
  },
];

for (const { name, schema, want } of rows) {
  test(`a row of the page: ${name}`, () => {
    const got = rowsOf('k', schema, true).map(
      (row) =>
        `${row.key}: ${row.value} (${row.fallback})${row.description.startsWith('With') ? ` ${row.description}` : ''}`,
    );
    assert.deepEqual(got, want);
  });
}

const root = fileURLToPath(new URL('..', import.meta.url));
const topLevel = new RegExp(`^(?:${Object.keys(configSchema.shape).join('|')}):`, 'm');

/** Blocks of YAML that set keys of the configuration; a policy has `rules`. */
function examplesOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```yaml$\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  return blocks.filter((block) => topLevel.test(block) && !/^rules:/m.test(block));
}

for (const path of globSync(['*.md', '{docs,gateway}/**/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
})) {
  const examples = examplesOf(readFileSync(join(root, path), 'utf8'));
  if (examples.length === 0) continue;
  test(`every configuration in ${path} loads`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-docs-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'countersign.yaml');
    for (const example of examples) {
      writeFileSync(file, example);
      assert.doesNotThrow(() => loadConfig(file), example);
    }
  });
}

test('there is an example to load', () => {
  assert.equal(examplesOf(configurationPage()).length, 1);
});
