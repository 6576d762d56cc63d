/**
 * Breaks the n-th change this process makes to a file, counting every one: made, written, synced, renamed, linked,
 * removed. Patches Node's own `fs`, so it belongs in a process of its own. SQLite does its own writing and is not seen
 * here; its commits are the other table's.
 */
import fs from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

export const FILE_BREAKS = {
  'fail-before': 'the disk refuses, and nothing was done',
  'fail-after': 'done, but the disk says it failed',
  kill: 'killed before it',
} as const;
export type FileFault = { readonly nth: number; readonly how: keyof typeof FILE_BREAKS };

type Method = (...args: unknown[]) => unknown;

const eio = (what: string): Error => Object.assign(new Error(`EIO: injected, ${what}`), { code: 'EIO' });

/** Opening to read changes nothing. */
const changes = (name: string, args: readonly unknown[]): boolean =>
  !/^open(Sync)?$/.test(name) || (typeof args[1] === 'string' && args[1] !== 'r');

/** Breaks this process's files from here on; the count so far is what it returns. */
export async function breakFiles(fault: FileFault): Promise<() => number> {
  let count = 0;
  const due = (name: string, args: readonly unknown[]): boolean => {
    if (!changes(name, args)) return false;
    count += 1;
    if (count !== fault.nth) return false;
    if (fault.how === 'kill') process.kill(process.pid, 'SIGKILL');
    return true;
  };
  const patch = (target: object, names: readonly string[], later: boolean): void => {
    const methods = target as Record<string, Method>;
    for (const name of names) {
      const real = methods[name];
      if (real === undefined) throw new TypeError(`fs has no ${name}`);
      methods[name] = function (this: unknown, ...args: unknown[]) {
        if (!due(name, args)) return real.apply(this, args);
        if (fault.how === 'fail-before') return fail(later, name);
        const done = real.apply(this, args);
        return later ? (done as Promise<unknown>).then(() => fail(true, name)) : fail(false, name);
      };
    }
  };
  patch(fs, ['openSync', 'writeSync', 'fsyncSync', 'linkSync', 'rmSync', 'mkdirSync'], false);
  patch(fsp, ['open', 'rename', 'rm', 'mkdir', 'writeFile', 'chmod'], true);
  patch(await handlePrototype(), ['write', 'writeFile', 'truncate', 'sync'], true);
  syncBuiltinESMExports();
  return () => count;
}

function fail(later: boolean, name: string): Promise<never> {
  if (later) return Promise.reject(eio(name));
  throw eio(name);
}

async function handlePrototype(): Promise<object> {
  const handle: FileHandle = await fsp.open(process.execPath, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as object;
}
