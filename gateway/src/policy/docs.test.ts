import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FUNCTIONS, LOOPS, METHODS } from './cel/functions.ts';
import { checkFiles } from './check.ts';
import { formatPolicyErrors } from './problems/format.ts';
import { bindings } from './testing/vectors.ts';

const page = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8');

type Block = { readonly kind: string; readonly text: string; readonly line: number };

const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(/^```yaml ?(\w*)\n([\s\S]*?)^```$/gm)].map((found) => ({
    kind: found[1] ?? '',
    text: found[2] ?? '',
    line: text.slice(0, found.index).split('\n').length,
  }));
const blocks = blocksOf(page);

const readme = blocksOf(readFileSync(new URL('../../../README.md', import.meta.url), 'utf8'));
test('the policies of README.md load', () => {
  const policies = readme.filter(({ kind }) => kind === 'policy');
  assert.ok(policies.length >= 2);
  assert.equal(readme.filter(({ kind }) => kind === '').length, 0, 'a block that nothing tries');
  const proofs = ['session', 'recent', 'passkey'] as const;
  for (const { text } of policies) {
    const { problems } = checkFiles([{ path: 'policy.yaml', text }], { bindings, proofs });
    assert.equal(formatPolicyErrors(problems), '');
  }
});

test('every YAML block of the policy page is a policy or the tests of the one before it', () => {
  assert.ok(blocks.length >= 15);
  assert.deepEqual(
    blocks.filter((block) => !['policy', 'test'].includes(block.kind)),
    [],
  );
});

for (const [at, block] of blocks.entries()) {
  if (block.kind !== 'policy') continue;
  const next = blocks[at + 1];
  const beside = next?.kind === 'test' ? [{ path: 'policy.test.yaml', text: next.text }] : [];
  test(`docs/policy.md:${block.line} loads${beside.length > 0 ? ', and its tests pass and match every rule' : ''}`, () => {
    const proofs = ['session', 'recent', 'passkey'] as const;
    const files = [{ path: 'policy.yaml', text: block.text }, ...beside];
    const report = checkFiles(files, { bindings, proofs });
    assert.equal(formatPolicyErrors(report.problems), '');
    if (beside.length > 0) assert.deepEqual(report.never_matching, []);
  });
}

test('every fact, function, method and loop is on the page', () => {
  const facts = bindings.find(({ name }) => name === 'mcp')?.facts['properties'];
  for (const fact of Object.keys(facts ?? {})) assert.ok(page.includes(`mcp.${fact}`), fact);
  for (const name of [...FUNCTIONS.keys(), ...METHODS.keys(), ...LOOPS.keys()])
    assert.match(page, new RegExp(`\\b${name}\\b\\(`), name);
});
