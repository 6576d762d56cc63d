// `npm run check`: everything about the tree that can be told without running it, cheapest first.
// Each check is one command; all of them run, so that one visit shows all there is to mend.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));

const node = process.execPath;
const tsc = 'node_modules/typescript/bin/tsc';

const checks: { name: string; command: string[]; only_with?: string }[] = [
  { name: 'tidy', command: [node, 'tools/tidy.ts'] },
  {
    name: 'lint',
    command: [node, 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  },
  { name: 'types', command: [node, tsc, '--noEmit', '-p', '.'] },
  // The slow suites have dependencies of their own, installed by `npm run conformance`.
  {
    name: 'types of conformance/',
    command: [node, tsc, '--noEmit', '-p', 'conformance'],
    only_with: 'conformance/node_modules',
  },
  { name: 'unused', command: [node, 'node_modules/knip/bin/knip.js', '--no-progress'] },
];

export function runChecks(): Outcome[] {
  const present = checks.filter(
    ({ only_with }) => only_with === undefined || existsSync(`${root}/${only_with}`),
  );
  return present.map(({ name, command }) => runOne(name, command));
}

export function runOne(name: string, [command = '', ...args]: readonly string[]): Outcome {
  const started = performance.now();
  console.log(`— ${name}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}; run npm ci`);
  return { name, ok: status === 0, seconds: (performance.now() - started) / 1000 };
}

/** One line a check, last, where a reader and a machine look first. */
export function summarise(outcomes: readonly Outcome[]): void {
  console.log('');
  for (const { name, ok, seconds } of outcomes)
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
  if (!outcomes.every(({ ok }) => ok)) process.exitCode = 1;
}

if (import.meta.main) summarise(runChecks());
