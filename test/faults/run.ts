/**
 * `npm run faults`: every point of the table, broken in every way, and every file the log and the keys write, broken
 * at every step; then what is left is started again and held against what the outside saw; and the power is cut.
 * Arguments: names of points to try only those. Exits 1 when anything was lost, ran twice or ran unapproved.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BREAKS, type Break } from './faulty-store.ts';
import { tryFiles } from './files/sweep.ts';
import { COMMANDS } from './points.ts';
import { CHILD_FLAGS, trial } from './trial.ts';

const asked = process.argv.slice(2);
const wanted = (name: string): boolean => asked.length === 0 || asked.includes(name);
const unknown = asked.filter(
  (name) => !Object.hasOwn(COMMANDS, name) && name !== 'files' && name !== 'power-loss',
);
if (unknown.length > 0) {
  console.error(
    `no such point: ${unknown.join(', ')}; they are: files, power-loss, ${Object.keys(COMMANDS).join(', ')}`,
  );
  process.exit(2);
}

const began = performance.now();
let tried = 0;
let broken = 0;

for (const command of Object.keys(COMMANDS).filter(wanted)) {
  const marks: string[] = [];
  const found: string[] = [];
  for (const how of Object.keys(BREAKS) as Break[]) {
    const wrong = await trial({ command, how }).catch((error: unknown) => [String(error)]);
    tried += 1;
    marks.push(wrong.length === 0 ? '✓' : '✗');
    found.push(...wrong.map((each) => `    ${how}: ${each}`));
  }
  broken += found.length;
  console.log([`${command.padEnd(22)} ${marks.join(' ')}   ${COMMANDS[command]}`, ...found].join('\n'));
}
if (wanted('files')) {
  for await (const { what, trials, found } of tryFiles()) {
    tried += trials;
    broken += found.length;
    console.log([`${what.padEnd(22)} ${trials} trials`, ...found.map((each) => `    ${each}`)].join('\n'));
  }
}
if (wanted('power-loss')) {
  // Its own program, because it needs strace to see what was synced; it says so where there is none.
  const script = fileURLToPath(new URL('power-loss/run.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, [...CHILD_FLAGS, script], { stdio: 'inherit' });
  tried += 1;
  if (status !== 0) broken += 1;
}
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`${tried} faults in ${seconds} s; columns: ${Object.keys(BREAKS).join(', ')}`);
console.log(
  broken === 0 ? 'nothing lost, nothing ran twice, nothing ran unapproved' : `${broken} things went wrong`,
);
if (broken > 0) process.exitCode = 1;
