import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const posix = process.platform !== 'win32';

/** Makes the folder, 0700, or checks that only its owner can look inside. */
export function openSecretFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  refuseOthers(folder, '700');
}

/** Undefined when there is none. @throws Error when anybody but the owner may read or write it */
export function readSecretFile(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  refuseOthers(path, '600');
  return readFileSync(path, 'utf8');
}

/**
 * Writes a new file, 0600, and never over an old one. Written and synced under another name first, then linked: a crash
 * leaves the whole file or none.
 */
export function writeSecretFile(path: string, text: string): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true }); // of a run that died here
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  linkSync(draft, path); // fails if somebody was first
  rmSync(draft);
  syncFolder(dirname(path)); // durable now: the key under its name
}

export const listSecretFiles = (folder: string, name: RegExp): readonly string[] =>
  readdirSync(folder)
    .filter((file) => name.test(file))
    .sort()
    .reverse()
    .map((file) => join(folder, file));

function refuseOthers(path: string, fix: string): void {
  const { mode, uid } = statSync(path);
  if (!posix) return;
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `${path}: others may read or write it (mode ${(mode & 0o777).toString(8)}); run: chmod ${fix} ${path}`,
    );
  }
  const me = process.getuid?.();
  if (me !== undefined && me !== 0 && uid !== me)
    throw new Error(`${path}: belongs to another user (uid ${uid})`);
}

function syncFolder(folder: string): void {
  if (!posix) return; // Windows has no fsync for folders
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
