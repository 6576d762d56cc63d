// @ts-check
// Becomes, as far as one process can, the script under the pinned Node: same terminal, same signals,
// same exit code. It must not outlive the script nor answer for it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Refusal } from './refusal.mjs';

// In NODE_OPTIONS, not argv: child processes and workers then find the sources too.
// A name of our own: packages of others publish their TypeScript under `source`, which Node cannot run.
const options = ['--conditions=countersign-source', '--disable-warning=ExperimentalWarning'];

export function nodeOptions(inherited = '') {
  const missing = options.filter((option) => !inherited.split(' ').includes(option));
  return [inherited, ...missing].filter(Boolean).join(' ');
}

/**
 * @param {{ node: string, script: string, args: string[] }} command
 * @returns {Promise<void>}
 */
export function run({ node, script, args }) {
  const env = { ...process.env, NODE_OPTIONS: nodeOptions(process.env.NODE_OPTIONS) };
  const child = spawn(node, [script, ...args], { stdio: 'inherit', env });
  const stop = forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        new Refusal(
          `cannot start ${node}: ${error.message}\nOn Alpine use an image with glibc; else run: npm ci`,
        ),
      ),
    );
    child.once('exit', (code, signal) => {
      stop();
      if (signal === null) process.exitCode = code ?? 1;
      else endBy(signal);
      resolve();
    });
  });
}

/** @type {NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  // Ctrl-C in a terminal reaches the whole process group: sent on, the script would get it twice.
  const handlers = forwarded.map((signal) => {
    const handler = () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const stop of handlers) stop();
  };
}

/**
 * A shell waiting for us should see the same death; Windows has no signals to die of.
 * @param {NodeJS.Signals} signal
 */
function endBy(signal) {
  process.exitCode = 128 + (constants.signals[signal] ?? 0);
  if (process.platform !== 'win32') process.kill(process.pid, signal);
}
