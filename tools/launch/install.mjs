// @ts-check
// Brings node_modules in line with package-lock.json, and does nothing when it already is.
// npm writes what it installed to node_modules/.package-lock.json: comparing that with the lock file
// sees an install by hand, another branch's, an interrupted one, and whether dev dependencies are in.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { Refusal } from './refusal.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, dev?: boolean }} Locked
 * @typedef {{ packages?: Record<string, Locked> }} Lock
 */

/** @param {{ folder: string, dev: boolean, log?: (line: string) => void }} options */
export function ensureInstalled({ folder, dev, log = console.error }) {
  const first = firstDifference(readLock(join(folder, 'package-lock.json')), readInstalled(folder), dev);
  if (first === undefined) return;
  const arguments_ = dev ? ['ci'] : ['ci', '--omit=dev'];
  log(
    `installing: npm ${arguments_.join(' ')} in ${basename(folder)}/ (${first}); the first time takes a minute or two`,
  );
  const started = Date.now();
  runNpm(arguments_, folder);
  const still = firstDifference(readLock(join(folder, 'package-lock.json')), readInstalled(folder), dev);
  if (still) throw new Refusal(`npm finished, but ${still}.\nRemove node_modules and run: npm ci`);
  log(`installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/**
 * Says in a few words how the installed tree differs from the lock file; undefined when it does not.
 * @param {Lock} lock
 * @param {Lock | undefined} installed
 * @param {boolean} dev
 * @returns {string | undefined}
 */
export function firstDifference(lock, installed, dev) {
  if (installed === undefined) return 'nothing is installed yet';
  for (const [path, wanted] of Object.entries(lock.packages ?? {})) {
    if (path === '' || wanted.optional || wanted.devOptional || wanted.peer) continue;
    if (wanted.dev && !dev) continue;
    const found = installed.packages?.[path];
    const name = path.replace(/^.*node_modules\//, '');
    if (!found) return `${name} is missing`;
    if (found.version !== wanted.version || found.integrity !== wanted.integrity)
      return `${name} is not at ${wanted.version}`;
  }
  return undefined;
}

/** @param {string} folder */
function readInstalled(folder) {
  const path = join(folder, 'node_modules', '.package-lock.json');
  return existsSync(path) ? readLock(path) : undefined;
}

/**
 * @param {string} path
 * @returns {Lock}
 */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Refusal(
      `cannot read ${path}: ${error instanceof Error ? error.message : error}\nRestore it from git and run: npm ci`,
    );
  }
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
function runNpm(args, cwd) {
  const { command, before } = npmCommand(process.env);
  // To stderr: stdout stays clean for the script. Errors only: npm warns of engines that this old Node is not,
  // which is the very reason for what it installs.
  const result = spawnSync(command, [...before, ...args, '--loglevel=error'], {
    cwd,
    env: outerEnvironment(process.env),
    stdio: ['ignore', 2, 2],
  });
  if (result.error)
    throw new Refusal(`cannot run npm (${result.error.message}).\nInstall npm, then run: npm ci`);
  if (result.status === 0) return;
  throw new Refusal(
    `npm ${args.join(' ')} failed in ${cwd}, for the reason above.\nIf it was the network or the registry, try again; else run npm ci there by hand.`,
  );
}

/**
 * The npm that started us, by its script, since on Windows `npm` is a .cmd that cannot be spawned.
 * @param {NodeJS.ProcessEnv} env
 */
function npmCommand(env) {
  const script = env.npm_execpath;
  if (!script?.endsWith('.js'))
    return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', before: [] };
  return { command: env.npm_node_execpath ?? process.execPath, before: [script] };
}

/**
 * The environment without node_modules/.bin on the PATH: npm must not run on the Node it is replacing.
 * @param {NodeJS.ProcessEnv} env
 */
export function outerEnvironment(env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const kept = (env[key] ?? '')
    .split(delimiter)
    .filter((entry) => !/node_modules[\\/]\.bin[\\/]?$/.test(entry));
  return { ...env, [key]: kept.join(delimiter) };
}
