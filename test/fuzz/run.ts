/**
 * `npm run fuzz [-- seconds] [target …] [--seed N]`: fuzzes for a time (60 s), shared out over the targets. What fails
 * is printed shrunk, with the seed that brings it back. Exits 1 when anything failed.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runBatch } from './target.ts';
import { TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const seconds = Number(positionals.find((word) => /^\d+$/.test(word)) ?? 60);
const named = positionals.filter((word) => !/^\d+$/.test(word));
const unknown = named.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length > 0) {
  console.error(
    `no such target: ${unknown.join(', ')}; they are: ${TARGETS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const first = Number(values.seed ?? randomInt(2 ** 31 - 1));
const targets = TARGETS.filter(({ name }) => named.length === 0 || named.includes(name));
// Half of the time for the lifecycles: each takes as long as a thousand texts.
const share = (name: string): number =>
  targets.length === 1 ? 1 : name === 'lifecycles' ? 0.5 : 0.5 / (targets.length - 1);

for (const target of targets) {
  const until = performance.now() + seconds * 1000 * share(target.name);
  let runs = 0;
  let seed = first;
  do {
    const failure = await runBatch(target, seed);
    runs += target.batch;
    if (failure !== undefined) {
      console.error(
        `✗ ${failure.target}: npm run fuzz -- 1 ${failure.target} --seed ${failure.seed}\n${failure.report}`,
      );
      process.exitCode = 1;
      break;
    }
    seed = (seed + 1) | 0;
  } while (values.seed === undefined && performance.now() < until);
  console.log(`${target.name.padEnd(20)} ${runs} runs from seed ${first}`);
}
