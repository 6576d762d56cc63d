// `npm run pack:try`: what a user gets. Builds and packs the three packages, installs the tarballs in an empty
// folder elsewhere (the registry gives the rest) and uses them there. It must not lean on this workspace: no
// `countersign-source` condition, no node_modules of ours. Run on demand, and before a release.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, packages } from './build.ts';
import { outerEnvironment } from './launch/install.mjs';
import { type Step, steps } from './pack/steps.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { NODE_OPTIONS: _ours, ...outer } = outerEnvironment(process.env);
// The user's Node is a current one; the pinned binary's folder has only `node` in it.
const environment = {
  ...outer,
  PATH: [dirname(process.execPath), outer['PATH']].join(delimiter),
  NO_COLOR: '1',
};

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pack-'));
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  await build();
  for (const name of packages) npm(['pack', '--silent', '--pack-destination', folder], join(root, name));
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  npm(['install', '--loglevel=error', ...tarballs.map((name) => join(folder, name))], app);
  const failed = steps(root).filter((step) => !passes(step, app));
  if (failed.length === 0) rmSync(folder, { recursive: true });
  else
    console.error(
      `${failed.length} of ${steps(root).length} failed; the installed packages are kept in ${app}`,
    );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function npm(args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync('npm', args, {
    cwd,
    env: environment,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) throw new Error(`cannot run npm: ${error.message}; it must be on the PATH`);
  if (status !== 0) throw new Error(`npm ${args[0]} failed in ${cwd}, for the reason above`);
}

function passes({ name, command, files, want }: Step, app: string): boolean {
  for (const [path, text] of Object.entries(files ?? {})) writeFileSync(join(app, path), text);
  const [program = '', ...args] = command;
  const started = performance.now();
  const result = spawnSync(program, args, { cwd: app, env: environment, encoding: 'utf8', timeout: 120_000 });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  const ok = result.status === want.status && (want.output?.test(output) ?? true);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok)
    console.error(
      `       wanted exit ${want.status} ${want.output ?? ''}, got ${result.status}:\n${output.slice(-4000)}`,
    );
  return ok;
}

await main();
