import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../../testing/until.ts';
import { PolicyError } from '../problems/problem.ts';
import { evaluationOf } from '../testing/evaluations.ts';
import { bindings } from '../testing/vectors.ts';
import { formatDiff } from './diff.ts';
import {
  type Candidate,
  createPolicySource,
  type PolicySource,
  type Reloaded,
  type SourceOptions,
} from './source.ts';

const ALLOW = 'version: 1\nrules:\n  - { id: reads, on: mcp, then: allow }\n';
const DENY = 'version: 1\nrules:\n  - { id: reads, on: mcp, then: deny }\n';
const BAD = 'version: 1\nrules:\n  - { id: reads, on: mpc, then: allow }\n';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function folderOf(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) put(folder, path, text);
  return folder;
}

function put(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function sourceOf(folder: string, more: Partial<SourceOptions> = {}): Promise<PolicySource> {
  const source = await createPolicySource({ folder, options: () => ({ bindings }), settle_ms: 1, ...more });
  cleanups.push(() => source.close());
  return source;
}

const effect = (source: PolicySource): string => source.current().decide(evaluationOf()).effect;

test('a bad policy, a failing test or an empty folder at start is refused with every fault', async () => {
  const failing = 'tests:\n  - { name: t, evaluation: { on: mcp }, want: { effect: deny } }\n';
  const table: readonly (readonly [string, { readonly [path: string]: string }, RegExp, number])[] = [
    ['two bad files', { 'a.yaml': BAD, 'sub/b.yaml': BAD }, /there is no binding "mpc"/, 2],
    ['a failing test', { 'a.yaml': ALLOW, 'a.test.yaml': failing }, /test "t" failed/, 1],
    ['no file', { 'notes.txt': 'x' }, /no \.yaml file/, 1],
    ['only tests', { 'a.test.yaml': failing }, /no \.yaml file/, 1],
    ['the other ending', { 'a.yaml': ALLOW, 'b.yml': DENY }, /end in \.yaml/, 1],
  ];
  for (const [name, files, said, count] of table) {
    await assert.rejects(sourceOf(folderOf(files)), (error) => {
      assert.ok(error instanceof PolicyError, name);
      assert.match(error.message, said, name);
      assert.equal(error.problems.length, count, name);
      return true;
    });
  }
  await assert.rejects(sourceOf('/nonexistent/policy'), /cannot be read: ENOENT/);
});

test('a reload serves the new policy after its change is durable, and tells what changed', async () => {
  const folder = folderOf({ 'a.yaml': ALLOW });
  const seen: string[] = [];
  const source: PolicySource = await sourceOf(folder, {
    commit: async (candidate: Candidate) => {
      seen.push(
        `while committing: ${effect(source)}`,
        formatDiff(candidate.diff),
        candidate.previous.ref.digest,
      );
    },
  });
  const before = source.current().ref.digest;
  assert.equal((await source.reload()).kind, 'unchanged');
  put(folder, 'a.yaml', DENY);
  put(
    folder,
    'more/b.yaml',
    'version: 1\nrules:\n  - { id: more, on: mcp, where: { class: write }, then: allow }\n',
  );
  assert.equal((await source.reload()).kind, 'candidate');
  assert.equal(effect(source), 'deny');
  assert.deepEqual(seen, ['while committing: allow', '+ more\n~ reads: then', before]);
  assert.notEqual(source.current().ref.digest, before);
  assert.equal(source.current().ref.version, source.current().ref.digest.slice(7, 19));
});

test('A10: a reload that is bad, fails its tests, or cannot be committed keeps the last good policy', async () => {
  const folder = folderOf({ 'a.yaml': ALLOW });
  const told: Reloaded['kind'][] = [];
  let broken = false;
  const source = await sourceOf(folder, {
    reloaded: (outcome) => told.push(outcome.kind),
    commit: async () => {
      if (broken) throw new Error('disk full');
    },
  });
  put(folder, 'a.yaml', BAD);
  assert.equal((await source.reload()).kind, 'bad');
  assert.equal((await source.reload()).kind, 'bad');
  assert.equal(source.problems()[0]?.likely, 'mcp');
  put(folder, 'a.yaml', ALLOW);
  put(folder, 'a.test.yaml', 'tests:\n  - { name: t, evaluation: { on: mcp }, want: { effect: deny } }\n');
  assert.equal((await source.reload()).kind, 'bad');
  rmSync(join(folder, 'a.test.yaml'));
  assert.equal((await source.reload()).kind, 'unchanged');
  assert.deepEqual(source.problems(), []);
  broken = true;
  put(folder, 'a.yaml', DENY);
  const refused = await source.reload();
  assert.ok(refused.kind === 'not_committed' && refused.error instanceof Error);
  assert.equal(effect(source), 'allow');
  broken = false;
  assert.equal((await source.reload()).kind, 'candidate');
  assert.equal(effect(source), 'deny');
  // The same bad save is told once, however often it is looked at.
  assert.deepEqual(told, ['bad', 'bad', 'not_committed', 'candidate']);
});

test('a proposal changes nothing; only what was proposed can be adopted', async () => {
  const folder = folderOf({ 'a.yaml': ALLOW });
  const source = await sourceOf(folder);
  put(folder, 'a.yaml', DENY);
  const proposal = await source.propose();
  assert.ok(proposal.kind === 'candidate');
  assert.equal(effect(source), 'allow');
  source.adopt(proposal.policy);
  assert.equal(effect(source), 'deny');
  const stranger = (await sourceOf(folder)).current();
  assert.throws(() => source.adopt(stranger), TypeError);
});

test('unchanged files are checked again when what they may name has changed', async () => {
  const rule = `version: 1
rules:
  - { id: r, on: mcp, where: { upstream: pay, resource: refund }, when: mcp.args.amount > 5, then: deny }
`;
  const folder = folderOf({ 'a.yaml': rule });
  let argument = 'amount';
  const source = await sourceOf(folder, {
    options: () => ({
      bindings,
      toolArguments: () => ({ type: 'object', properties: { [argument]: { type: 'number' } } }),
    }),
  });
  const same = await source.reload({ force: true });
  assert.ok(same.kind === 'candidate' && formatDiff(same.diff) === 'no rule changed');
  argument = 'sum';
  const gone = await source.reload({ force: true });
  assert.ok(gone.kind === 'bad' && gone.problems[0]?.message === 'the tool has no argument "amount"');
});

test('reloads queue: each sees the files as they are when its turn comes', async () => {
  const folder = folderOf({ 'a.yaml': ALLOW });
  let committing = 0;
  const source = await sourceOf(folder, {
    commit: async () => {
      assert.equal(++committing, 1);
      await wait(5);
      committing--;
    },
  });
  put(folder, 'a.yaml', DENY);
  const kinds = (await Promise.all([source.reload(), source.reload(), source.reload()])).map(
    (each) => each.kind,
  );
  assert.deepEqual(kinds, ['candidate', 'unchanged', 'unchanged']);
});

test('watching takes up writes, renames, new folders and removals', async () => {
  const folder = folderOf({ 'a.yaml': ALLOW });
  const source = await sourceOf(folder);
  source.watch();
  put(folder, 'a.yaml', DENY);
  await until('a write is served', () => effect(source) === 'deny');
  put(folder, '.b.yaml.new', ALLOW);
  renameSync(join(folder, '.b.yaml.new'), join(folder, 'a.yaml'));
  await until('a rename is served', () => effect(source) === 'allow');
  put(folder, 'deep/er/b.yaml', 'version: 1\nrules:\n  - { id: b, on: mcp, then: deny }\n');
  await until('a new folder is served', () => effect(source) === 'deny');
  rmSync(join(folder, 'deep'), { recursive: true });
  await until('a removal is served', () => effect(source) === 'allow');
  put(folder, 'a.yaml', BAD);
  await until('a bad save is told', () => source.problems().length === 1);
  assert.equal(effect(source), 'allow');
});
