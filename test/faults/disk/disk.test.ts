/** A20: a disk that is full, and one that cannot sync: real ones, each in a process of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHILD_FLAGS, inFolder } from '../trial.ts';

const at = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Room for the story and some calls, in bytes. */
const DISK_BYTES = 32 * 1024 * 1024;

type Ran = { readonly stdout: string; readonly stderr: string };

const found = ({ stdout, stderr }: Ran): readonly string[] => {
  assert.match(stdout, /^\[.*\]\n$/, stderr);
  return JSON.parse(stdout) as string[];
};

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran =>
  spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 });

/** A mount namespace of its own needs Linux and the right to make one; a container may withhold it. */
const mayMount = spawnSync('unshare', ['--mount', '--map-root-user', 'true']).status === 0;
const mayPreload = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

describe('A20: a failing disk', () => {
  it(
    'full: refuses, runs nothing unrecorded, and goes on when there is room',
    { skip: mayMount ? false : 'no mount namespaces here' },
    () =>
      inFolder(async (dir) => {
        const script = `mount -t tmpfs -o mode=700,size=${DISK_BYTES} tmpfs "$1" && shift && exec "$@"`;
        const child = [
          process.execPath,
          ...CHILD_FLAGS,
          at('child.ts'),
          dir,
          'full',
          path.join(dir, 'ballast'),
        ];
        const ran = run('unshare', ['--mount', '--map-root-user', 'sh', '-c', script, 'sh', dir, ...child]);
        assert.deepEqual(found(ran), []);
      }),
  );

  it(
    'a failed fsync: stops for good, and a restart has everything that was acknowledged',
    { skip: mayPreload ? false : 'needs Linux and a C compiler' },
    () =>
      inFolder(async (dir) => {
        const shim = path.join(dir, 'shim.so');
        const made = run('cc', [
          '-shared',
          '-fPIC',
          '-D_GNU_SOURCE',
          '-o',
          shim,
          at('failing-fsync.c'),
          '-ldl',
        ]);
        assert.ok(existsSync(shim), made.stderr);
        const flag = path.join(dir, 'flag');
        const ran = run(process.execPath, [...CHILD_FLAGS, at('child.ts'), dir, 'fsync', flag], {
          LD_PRELOAD: shim,
          FAULT_FLAG: flag,
        });
        assert.deepEqual(found(ran), []);
      }),
  );
});
