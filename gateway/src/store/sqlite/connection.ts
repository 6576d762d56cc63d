import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from './failures.ts';

/** After an unclean stop a store up to this size is read through and checked; a larger one is the operator's to check. */
const QUICK_CHECK_BYTES_MAX = 256 * 1024 * 1024;
/** How long a scrub waits for readers of an older state, before it is left for later. */
const SCRUB_WAIT_MS = 100;
/**
 * Pages each connection keeps for itself, where SQLite would keep 2 MB; the kernel has the file as well. A commit reads and
 * changes some sixty, so it costs the same.
 */
export const CACHE_KB = 512;

export type Connection = {
  readonly db: DatabaseSync;
  /** Bytes of the write-ahead log that are not in the file. Its own size does not say: it is begun anew without being cut. */
  unmoved(): number;
  /** Moves the write-ahead log into the file. Throws on any I/O error, among them a failed fsync. */
  checkpoint(): void;
  /** The same, and leaves nothing in it. False while somebody still reads an older state. Throws like `checkpoint`. */
  scrub(): boolean;
  close(): void;
};

/**
 * Opens the file for writing, alone: a second gateway on the same file is refused. The lock is the operating system's
 * and ends with the process, however it ends.
 * @throws Error naming the file and the fix
 */
export function openForWriting(path: string, busy_ms: number): Connection {
  preparePlace(path);
  const lock = lockFile(`${path}.lock`);
  try {
    assertSound(path);
  } catch (error) {
    lock.close();
    throw error;
  }
  const db = new DatabaseSync(path, { timeout: busy_ms, allowExtension: false });
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA foreign_keys = ON');
  // What is erased is overwritten in the file too, not only forgotten.
  db.exec('PRAGMA secure_delete = ON');
  db.exec(`PRAGMA cache_size = -${CACHE_KB}`);
  // Checkpoints are ours to run: SQLite's automatic ones swallow their errors, and a failed fsync must be seen.
  db.exec('PRAGMA wal_autocheckpoint = 0');
  assertPragma(db, { name: 'journal_mode', want: 'wal' });
  assertPragma(db, { name: 'synchronous', want: 2 });
  assertPragma(db, { name: 'foreign_keys', want: 1 });
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.lock`]) ownerOnly(file);
  const look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  const page_bytes = Number(Object.values(db.prepare('PRAGMA page_size').get() ?? {})[0]);
  return {
    db,
    unmoved: () => {
      const { log, checkpointed } = look.get() ?? {};
      const bytes = (Number(log) - Number(checkpointed)) * page_bytes;
      if (!Number.isFinite(bytes)) throw new Error('wal_checkpoint gave no sizes');
      return bytes;
    },
    checkpoint: () => {
      const row = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
      if (row === undefined) throw new Error('wal_checkpoint gave no answer');
    },
    scrub: () => {
      // Nobody's permit waits longer for a stranger's backup than this.
      db.exec(`PRAGMA busy_timeout = ${SCRUB_WAIT_MS}`);
      try {
        const [busy] = Object.values(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? { busy: 1 });
        return busy === 0;
      } finally {
        db.exec(`PRAGMA busy_timeout = ${busy_ms}`);
      }
    },
    close: () => {
      db.close();
      lock.close();
    },
  };
}

export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000, allowExtension: false });
  db.exec('PRAGMA query_only = ON');
  db.exec(`PRAGMA cache_size = -${CACHE_KB}`);
  return db;
}

function preparePlace(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode } = statSync(folder);
  if (process.platform !== 'win32' && (mode & 0o022) !== 0) {
    throw new Error(
      `${folder}: others may write here (mode ${(mode & 0o777).toString(8)}); run: chmod 700 ${folder}`,
    );
  }
  // SQLite gives its side files the mode of the main one, so that one must be right before they exist.
  closeSync(openSync(path, 'a', 0o600));
  ownerOnly(path);
  syncFolder(folder); // durable now: the file's name. A crash before this leaves no file, which is a new store.
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // Windows has no fsync for folders
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function ownerOnly(file: string): void {
  if (process.platform !== 'win32' && sizeOf(file) >= 0) chmodSync(file, 0o600);
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? -1;

/** An empty SQLite file held in an exclusive transaction: the portable way to an advisory lock that dies with its process. */
function lockFile(path: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const database = path.slice(0, -'.lock'.length);
    throw new Error(
      `${database}: another gateway has this store open; stop it, or give this one a store of its own (${messageOf(error)})`,
      { cause: error },
    );
  }
}

function assertPragma(db: DatabaseSync, { name, want }: { name: string; want: string | number }): void {
  const got = Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (got !== want) throw new Error(`the store cannot keep its promise: ${name} is ${got}, must be ${want}`);
}

/**
 * After an unclean stop, and by a connection that cannot write: closing one that can moves the write-ahead log into the
 * file, which the next start would then take for sound, and which spoils a backup put back beside a log that is not its own.
 */
function assertSound(path: string): void {
  if (sizeOf(`${path}-wal`) <= 0 || sizeOf(path) > QUICK_CHECK_BYTES_MAX) return;
  const db = openForReading(path);
  try {
    const found = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (found === 'ok') return;
    const name = basename(path);
    throw new Error(
      `${path}: damaged (${found}); restore it from a backup, without ${name}-wal and ${name}-shm, then run: countersign log verify`,
    );
  } finally {
    db.close();
  }
}
