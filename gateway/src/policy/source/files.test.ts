import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LIMITS } from '../limits.ts';
import { PolicyError } from '../problems/problem.ts';
import { contentDigest, policyDigest, readPolicyFolder, readSettled } from './files.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-files-'));
after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
function folder(): string {
  const path = join(root, String(count++));
  mkdirSync(path);
  return path;
}

function refusal(path: string): string {
  try {
    readPolicyFolder(path);
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    assert.ok(error.problems.every((problem) => problem.fix !== undefined));
    return error.message;
  }
  return 'taken';
}

test('layers come in lexical order of their paths, hidden files and other kinds left out', () => {
  const path = folder();
  mkdirSync(join(path, 'team/inner'), { recursive: true });
  mkdirSync(join(path, '.git'));
  for (const name of [
    'b.yaml',
    'a.yaml',
    'team/inner/z.yaml',
    'team/a.yaml',
    '.git/x.yaml',
    '.swap.yaml',
    'README.md',
  ]) {
    writeFileSync(join(path, name), name);
  }
  assert.deepEqual(
    readPolicyFolder(path).map((file) => file.path),
    ['a.yaml', 'b.yaml', 'team/a.yaml', 'team/inner/z.yaml'],
  );
});

function listen(path: string): Promise<void> {
  const server = createServer();
  after(() => server.close());
  return new Promise((resolve) => server.listen(path, resolve));
}

test('what cannot be read whole is refused, never left out', async () => {
  const table: readonly (readonly [string, (path: string) => unknown, RegExp])[] = [
    ['not UTF-8', (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0x41])), /not UTF-8/],
    ['too large', (path) => writeFileSync(path, ' '.repeat(LIMITS.file_bytes_max + 1)), /larger than/],
    ['a socket', listen, /not a file/],
    ['a link to nothing', (path) => symlinkSync('/nonexistent', path), /ENOENT/],
    ['a link to a folder', (path) => symlinkSync('/', path), /EISDIR/],
  ];
  for (const [name, make, said] of table) {
    const path = folder();
    await make(join(path, 'a.yaml'));
    assert.match(refusal(path), said, name);
  }
  const deep = folder();
  mkdirSync(join(deep, 'd/'.repeat(LIMITS.folder_depth_max + 2)), { recursive: true });
  assert.match(refusal(deep), /deep/);
});

test('half a save is never taken: a file that still grows is waited for', async () => {
  const reading = (text: string) => [{ path: 'a.yaml', text }];
  const texts = ['rules: [a', 'rules: [a, b', 'rules: [a, b, c]', 'rules: [a, b, c]', 'later'];
  let pauses = 0;
  const taken = await readSettled(
    () => reading(texts.shift() ?? ''),
    async () => pauses++,
  );
  assert.deepEqual([taken, pauses], [reading('rules: [a, b, c]'), 3]);
  let at = 0;
  const restless = readSettled(
    () => reading(String(at++)),
    async () => undefined,
  );
  await assert.rejects(restless, /never stops changing/);
});

test('mounted configuration, made of links to files, is read', () => {
  const [real, path] = [folder(), folder()];
  writeFileSync(join(real, 'p'), 'x');
  symlinkSync(join(real, 'p'), join(path, 'a.yaml'));
  assert.deepEqual(readPolicyFolder(path), [{ path: 'a.yaml', text: 'x' }]);
});

test('the digest names paths and texts whatever their order; tests do not name a policy', () => {
  const [a, b] = [
    { path: 'a.yaml', text: 'x' },
    { path: 'b.yaml', text: 'y' },
  ];
  const tests = { path: 'a.test.yaml', text: 't' };
  assert.match(policyDigest([a, b]), /^sha256:[0-9a-f]{64}$/);
  assert.equal(policyDigest([b, a]), policyDigest([a, b]));
  assert.equal(policyDigest([a, b, tests]), policyDigest([a, b]));
  assert.notEqual(contentDigest([a, b, tests]), contentDigest([a, b]));
  const others = [
    [a],
    [{ path: 'c.yaml', text: 'x' }, b],
    [
      { path: 'a.yaml', text: 'xy' },
      { path: 'b.yaml', text: '' },
    ],
  ];
  for (const other of others) assert.notEqual(policyDigest(other), policyDigest([a, b]));
});
