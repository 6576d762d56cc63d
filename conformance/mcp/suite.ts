// Runs the official conformance suite against a URL and reads back what it checked. It judges nothing: the suite's
// statuses are kept as they are.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/** The scenarios of the Tasks extension; `tasks-status-notifications` is skipped by the suite itself. */
export const TASK_SCENARIOS = [
  'tasks-lifecycle',
  'tasks-capability-negotiation',
  'tasks-wire-fields',
  'tasks-request-state-removal',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-dispatch-and-envelope',
  'tasks-required-task-error',
  'tasks-mrtr-composition',
] as const;

export type Check = { id: string; status: string; message: string | undefined };
/** Checks by scenario; INFO lines, which describe traffic and judge nothing, are left out. */
export type Results = ReadonlyMap<string, readonly Check[]>;

const SUITE = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);
const RUN_MS_MAX = 300_000;

export function runRequirements(url: string, revision: Revision): Promise<Results> {
  return run(['--url', url, '--requirements', revision]);
}

export function runScenario(url: string, scenario: string): Promise<Results> {
  return run(['--url', url, '--scenario', scenario, '--timeout', '60000']);
}

async function run(args: string[]): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-conformance-'));
  try {
    const output = await suite([...args, '-o', folder]);
    const results = read(folder);
    if (results.size === 0) throw new Error(`the suite checked nothing:\n${output.slice(-2000)}`);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A failed check makes the suite exit with 1; what failed is read from its files, so the code says nothing more. */
function suite(args: string[]): Promise<string> {
  const child = spawn(process.execPath, [SUITE, 'server', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS_MAX,
  });
  let output = '';
  child.stdout.on('data', (part) => {
    output += part;
  });
  child.stderr.on('data', (part) => {
    output += part;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === null)
        reject(new Error(`the suite was killed (${signal}) after ${RUN_MS_MAX} ms:\n${output.slice(-2000)}`));
      else resolve(output);
    });
  });
}

function read(folder: string): Results {
  const results = new Map<string, Check[]>();
  for (const entry of readdirSync(folder).sort()) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry)?.[1];
    if (scenario === undefined) continue;
    const checks = readChecks(join(folder, entry, 'checks.json'));
    const judged = checks.filter(({ status }) => status !== 'INFO');
    results.set(
      scenario,
      judged.map(({ id, status, errorMessage }) => ({ id, status, message: errorMessage })),
    );
  }
  return results;
}

type Written = { id: string; status: string; errorMessage?: string };

/** A scenario that broke off writes nothing: that is a failure, not an absence. */
function readChecks(file: string): Written[] {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  return [
    {
      id: 'scenario',
      status: 'FAILURE',
      errorMessage: 'the scenario broke off before it had checked anything',
    },
  ];
}
