/** The embedded store has one gateway: a second is refused and told why, and takes over once the first is gone, however it went. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { eventually, PROCESS_MS } from '../../gateway/testing/until.ts';
import { CHILD_FLAGS } from '../faults/trial.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/cli/main.ts', import.meta.url));

type Served = { readonly child: ChildProcess; readonly said: () => string; readonly ended: Promise<unknown> };

function serve(config_file: string): Served {
  const child = spawn(process.execPath, [...CHILD_FLAGS, MAIN, 'serve', '--config', config_file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, COUNTERSIGN_LOG: 'error' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      said += part.toString();
    });
  return { child, said: () => said.replaceAll(/\s+/g, ' '), ended: once(child, 'close') };
}

async function listening({ child, said }: Served): Promise<string> {
  return eventually(
    said,
    () => {
      assert.equal(child.exitCode, null, said());
      return /Auditors keep this verifier key of the log: (\S+)/.exec(said())?.[1];
    },
    PROCESS_MS,
  );
}

it('two `countersign serve` on one store directory', { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-lock-'));
  const running: ChildProcess[] = [];
  try {
    await mkdir(path.join(dir, 'policy'));
    await writeFile(
      path.join(dir, 'policy', 'p.yaml'),
      'version: 1\nrules:\n  - { id: none, about: nothing passes, on: mcp, then: deny }\n',
    );
    const configs = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const file = path.join(dir, `${name}.yaml`);
        const port = await freePort();
        await writeFile(
          file,
          `listen: { http: 127.0.0.1:${port} }\npublic_url: http://localhost:7070\npeople: { alice: { name: Alice, roles: [operator] } }\n`,
        );
        return file;
      }),
    );
    const [one = '', two = ''] = configs;
    const first = serve(one);
    running.push(first.child);
    await listening(first);

    const second = serve(two);
    running.push(second.child);
    await second.ended;
    assert.notEqual(second.child.exitCode, 0);
    assert.match(
      second.said(),
      /store\.db: another gateway has this store open; stop it, or give this one a store of its own/,
    );
    assert.equal(first.child.exitCode, null, 'the first goes on');

    first.child.kill('SIGKILL');
    await first.ended;
    const third = serve(two);
    running.push(third.child);
    const vkey = await listening(third);
    third.child.kill('SIGTERM');
    await third.ended;
    assert.equal(third.child.exitCode, 0, third.said());
    const report = await verifyLog({ source: openLogSource(path.join(dir, 'data', 'log')), vkey });
    assert.deepEqual([report.ok, report.findings], [true, []]);
  } finally {
    for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  }
});
