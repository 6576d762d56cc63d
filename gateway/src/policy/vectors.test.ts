/** Runs the language-neutral decision tables, and every policy of the bad corpus against the error it must end in. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Proof } from '@countersign/core';
import { parse, stringify } from 'yaml';
import { checkFiles } from './check.ts';
import type { BindingSchema } from './policy.ts';
import { formatPolicyErrors } from './problems/format.ts';
import type { KnownNames, LoadOptions } from './rules/options.ts';

const VECTORS = new URL('../../../conformance/vectors/policy/', import.meta.url);
const named = (folder: URL, end: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .sort();
const text = (name: string): string => readFileSync(new URL(name, VECTORS), 'utf8');

const bindings = ['mcp', 'sql'].map((name) => JSON.parse(text(`bindings/${name}.json`)) as BindingSchema);

type Vector = {
  readonly about: string;
  readonly known?: KnownNames;
  readonly proofs?: readonly Proof[];
  readonly policies: { readonly [path: string]: string };
  readonly defaults: unknown;
  readonly tests: readonly unknown[];
};

for (const name of named(VECTORS, '.yaml')) {
  const vector = parse(text(name)) as Vector;
  test(`${name}: ${vector.about}`, () => {
    const { known, proofs, defaults, tests } = vector;
    const files = Object.entries(vector.policies).map(([path, written]) => ({ path, text: written }));
    const options: LoadOptions = { bindings, ...(known && { known }), ...(proofs && { proofs }) };
    const report = checkFiles(
      [...files, { path: name.replace('.yaml', '.test.yaml'), text: stringify({ defaults, tests }) }],
      options,
    );
    assert.equal(formatPolicyErrors(report.problems), '');
    assert.equal(report.tests.length, tests.length);
    assert.deepEqual(
      report.never_matching.filter(({ rule }) => !['inherited'].includes(rule)),
      [],
    );
  });
}

const world: LoadOptions = {
  bindings,
  known: {
    groups: ['dba', 'security'],
    people: ['ann', 'bob'],
    upstreams: ['files', 'payments'],
    envs: ['dev', 'prod'],
    classes: ['read', 'write', 'destructive', 'unknown'],
    agents: ['release-bot'],
    teams: ['platform'],
  },
  toolArguments: (upstream, tool) =>
    upstream === 'payments' && tool === 'refund'
      ? {
          type: 'object',
          properties: {
            amount: { type: 'number' },
            currency: { type: 'string' },
            order: { type: 'object', properties: { id: { type: 'string' } } },
          },
        }
      : undefined,
};

const BAD = new URL('bad/', VECTORS);
for (const name of named(BAD, '.yaml')) {
  test(`bad/${name} ends in an error that names the place and the fix`, () => {
    const written = readFileSync(new URL(name, BAD), 'utf8');
    const path = name
      .replace(/^test-/, '')
      .replace(/\.yaml$/, name.startsWith('test-') ? '.test.yaml' : '.yaml');
    const beside = name.startsWith('test-')
      ? [{ path: 'policy.yaml', text: readFileSync(new URL('../beside-tests.txt', BAD), 'utf8') }]
      : [];
    const { problems } = checkFiles([...beside, { path, text: written }], world);
    for (const problem of problems) {
      assert.ok(problem.line >= 1 && problem.column >= 1 && problem.message !== '', `${name}: no place`);
      assert.ok(problem.fix !== undefined && problem.fix !== '', `${name}: no fix: ${problem.message}`);
    }
    const golden = new URL(name.replace('.yaml', '.txt'), BAD);
    const got = formatPolicyErrors(problems);
    if (process.env['UPDATE_VECTORS'] === '1') writeFileSync(golden, got);
    assert.notEqual(got, '', `${name} loads`);
    assert.equal(got, readFileSync(golden, 'utf8'));
  });
}
