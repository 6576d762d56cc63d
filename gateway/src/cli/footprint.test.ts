import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { FOOTPRINT, leanStart } from './footprint.ts';

const lean = FOOTPRINT.options;

describe('how serve begins', () => {
  for (const [name, start, want] of [
    ['plainly', { options: [], env: {} }, { options: [...lean], env: { MALLOC_ARENA_MAX: '1' } }],
    [
      'keeping what Node was given',
      { options: ['--conditions=x'], env: { HOME: '/h' } },
      { options: ['--conditions=x', ...lean], env: { HOME: '/h', MALLOC_ARENA_MAX: '1' } },
    ],
    [
      'keeping the operator’s arenas',
      { options: [], env: { MALLOC_ARENA_MAX: '8' } },
      { options: [...lean], env: { MALLOC_ARENA_MAX: '8' } },
    ],
    ['as it did before', { options: [...lean], env: {} }, undefined],
    ['as the operator says', { options: ['--max_semi_space_size=64'], env: {} }, undefined],
    [
      'as the operator says, in NODE_OPTIONS',
      { options: [], env: { NODE_OPTIONS: '--no-warnings --max-semi-space-size=64' } },
      undefined,
    ],
  ] as const)
    it(name, () => assert.deepEqual(leanStart(start), want));

  it('is itself again, with its arguments, terminal and exit code', (test) => {
    if (process.platform === 'win32') return test.skip('a process cannot be replaced on Windows');
    const folder = mkdtempSync(path.join(tmpdir(), 'countersign-footprint-'));
    const file = path.join(folder, 'serve.mjs');
    const footprint = new URL('./footprint.ts', import.meta.url).href;
    // Says its id each time it begins: twice in all, once before and once after.
    writeFileSync(
      file,
      `import { writeSync } from 'node:fs';
       import { becomeLean } from ${JSON.stringify(footprint)};
       writeSync(1, process.pid + '\\n');
       becomeLean();
       console.log(JSON.stringify([process.argv.slice(2), process.execArgv, process.env.MALLOC_ARENA_MAX]));
       process.exitCode = 7;`,
    );
    const { NODE_OPTIONS: _ours, MALLOC_ARENA_MAX: _theirs, ...env } = process.env;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--no-warnings', file, 'a b', '--c'], {
      env,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    const [first, second, said = ''] = stdout.trim().split('\n');
    assert.equal(stderr, '');
    assert.equal(first, second);
    assert.deepEqual(JSON.parse(said), [['a b', '--c'], ['--no-warnings', ...lean], '1']);
    assert.equal(status, 7);
  });
});
