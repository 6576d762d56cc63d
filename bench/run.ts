/**
 * Runs the benches, each in a process of its own, one after the other, and writes what they found to RESULTS.md, met or
 * not. `npm run bench [NAME…] [-- --quick]`; RESULTS.md is only written by a full run of all of them.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, getPriority, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GOALS, isMet, type Report } from './goals.ts';
import { type Found, resultsText } from './report/results.ts';

const BENCHES = [...new Set(Object.values(GOALS).map(({ bench }) => bench))];
const TIMEOUT_MS = 600_000;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function runBench(name: string, quick: boolean): Promise<Report> {
  const args = [...process.execArgv, here(`${name}.ts`), '--json', ...(quick ? ['--quick'] : [])];
  const options = { timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch((error: unknown) => {
    // A goal that is not met ends with 1 and has a report all the same.
    const { stdout: said, code } = error as { stdout?: string; code?: unknown };
    if (code === 1 && said?.includes('"measured"')) return { stdout: said };
    throw error;
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report;
}

function machine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory}, ${process.platform} ${process.arch}, Node ${process.version}, at priority ${getPriority()}`;
}

const words = process.argv.slice(2);
const quick = words.includes('--quick');
const asked = words.filter((word) => !word.startsWith('--'));
const unknown = asked.find((name) => !BENCHES.some((bench) => bench === name));
if (unknown !== undefined) {
  console.error(`there is no bench “${unknown}”; there are: ${BENCHES.join(', ')}`);
  process.exit(2);
}

const found: Found[] = [];
for (const name of BENCHES.filter((bench) => asked.length === 0 || asked.includes(bench))) {
  console.error(`${name} …`);
  const load = loadavg()[0] ?? 0;
  found.push({ bench: name, load, report: await runBench(name, quick) });
}
const text = resultsText(found, { machine: machine(), date: new Date() });
console.log(text);
if (asked.length === 0 && !quick) await writeFile(here('RESULTS.md'), text);
process.exitCode = quick || found.every(({ report }) => report.measured.every(isMet)) ? 0 : 1;
