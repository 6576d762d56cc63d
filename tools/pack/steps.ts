// What must work where the packages are installed, a command each. A step is what a user would type; it may
// not know where this workspace is, except to borrow its TypeScript and to find an older Node.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { outerEnvironment } from '../launch/install.mjs';

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Written into the folder first. */
  readonly files?: Readonly<Record<string, string>>;
  readonly want: { readonly status: number; readonly output?: RegExp };
}

const bin = 'node_modules/countersign/bin/countersign.mjs';

const npx = ['npx', '--no', '--', 'countersign'];

const loads = `
import { canonicalBytes, encodeHex, parseJson, sha256 } from '@countersign/core';
import { createClient } from '@countersign/sdk';
const digest = encodeHex(sha256(canonicalBytes(parseJson('{"b":1,"a":[]}'))));
console.log(typeof createClient, digest.length);
`;

const compiles = `
import { canonicalize, type Json, parseJson } from '@countersign/core';
import { type Client, createClient } from '@countersign/sdk';
export const value: Json = parseJson('[1]');
export const text: string = canonicalize(value);
export const client: (...given: Parameters<typeof createClient>) => Client = createClient;
// @ts-expect-error the types are those of the packages, not any
export const wrong: number = canonicalize(value);
`;

// Serves what init wrote until it is healthy, then asks it to stop: it must end by itself, and well.
const serves = `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
const gateway = spawn(process.execPath, ['${bin}', 'serve'], { stdio: ['ignore', 'inherit', 'inherit'] });
const ended = once(gateway, 'exit');
const deadline_ms = Date.now() + 30_000;
const healthy = () => fetch('http://127.0.0.1:7070/health/live').then((answer) => answer.ok, () => false);
while (!(await healthy())) {
  if (Date.now() > deadline_ms || gateway.exitCode !== null) throw new Error('not healthy within 30 s');
  await new Promise((resolve) => setTimeout(resolve, 100));
}
gateway.kill('SIGTERM');
const [code, signal] = await ended;
console.log('served, then ended with', code, signal);
process.exitCode = code === 0 ? 0 : 1;
`;

export function steps(workspace: string): Step[] {
  return [
    {
      name: 'core and sdk load',
      files: { 'loads.mjs': loads },
      command: ['node', 'loads.mjs'],
      want: { status: 0, output: /^function 64$/m },
    },
    { name: 'their types stand by themselves', ...compile(workspace, { 'compiles.ts': compiles }) },
    ...['core', 'sdk'].map((name) => example(workspace, name)),
    {
      name: 'countersign --help',
      command: [...npx, '--help'],
      want: { status: 0, output: /serve/ },
    },
    { name: 'countersign init', command: [...npx, 'init'], want: { status: 0, output: /countersign\.yaml/ } },
    { name: 'countersign check', command: [...npx, 'check'], want: { status: 0 } },
    {
      name: 'countersign serve',
      files: { 'serve.mjs': serves },
      command: ['node', 'serve.mjs'],
      want: { status: 0 },
    },
    {
      name: 'countersign demo',
      command: [...npx, 'demo', '--yes'],
      want: { status: 0, output: /proven {3}her signature verifies from the log/ },
    },
    ...oldNode(),
  ];
}

/** The examples a README shows must compile against what is published. */
function example(workspace: string, name: string): Step {
  const text = readFileSync(join(workspace, name, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  const files = Object.fromEntries(blocks.map((block, at) => [`${name}-example-${at}.ts`, block]));
  return { name: `the ${blocks.length} examples in ${name}/README.md compile`, ...compile(workspace, files) };
}

function compile(workspace: string, files: Record<string, string>): Omit<Step, 'name'> {
  const tsc = join(workspace, 'node_modules/typescript/bin/tsc');
  const strict = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--noEmit',
    '--skipLibCheck',
    'false',
  ];
  const libraries = ['--types', '', '--lib', 'es2025,dom'];
  return {
    files,
    command: ['node', tsc, ...strict, ...libraries, ...Object.keys(files)],
    want: { status: 0 },
  };
}

/** The Node this machine has outside the workspace, when it is too old for the product. */
function oldNode(): Step[] {
  const path = outerEnvironment(process.env)['PATH'] ?? '';
  for (const folder of path.split(delimiter)) {
    const node = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8', env: {} });
    if (!stdout || Number.parseInt(stdout.slice(1), 10) >= 26) continue;
    const want = {
      status: 1,
      output: /^countersign needs Node\.js 26 or newer; this is .*\nGet it from https:/,
    };
    return [
      {
        name: `an older Node (${stdout.trim()}) is told what is needed`,
        command: [node, bin, 'serve'],
        want,
      },
    ];
  }
  console.log('skip   an older Node is told what is needed: no Node before 26 on this PATH');
  return [];
}
