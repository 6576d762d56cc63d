/**
 * The log as static files (C2SP tlog-tiles): what an auditor reads. All of it can be made again from the store, so
 * nothing here is the truth; but a checkpoint must never be seen before what it covers, so files are synced before it.
 */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  CompactRange,
  decodeEntryBundle,
  HASH_BYTES,
  nodesOf,
  readerOverTiles,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesBetween,
} from '@countersign/core';
import { linesOf } from './bytes.ts';
import type { Edge, TileFile } from './tree.ts';

export type LogFiles = {
  /** Resolves when what is in the files is on stable storage; their names are after `syncNames`. */
  writeTiles(files: readonly TileFile[]): Promise<void>;
  /** Envelopes of one bundle's entries, one JSON text a line, from its line `from` on. Durable as tiles are. */
  writeEnvelopes(bundle: number, from: number, envelopes: readonly string[]): Promise<void>;
  /** Resolves when the names of all files written so far are on stable storage too. */
  syncNames(): Promise<void>;
  /** Replaces `checkpoint` or `entry-keys`. */
  publish(name: 'checkpoint' | 'entry-keys', text: string): Promise<void>;
  /** Unfinished tiles of a bundle that is now full serve nobody: clients fall back to the full one. */
  dropPartials(tile: Tile): Promise<void>;
  read(path: string): Promise<Uint8Array | undefined>;
  /** The right edge of the tree of this size, or undefined when a file of it is missing or wrong. */
  readEdge(size: number): Promise<Edge | undefined>;
  /** Whether every full tile, bundle and envelope file of a tree of this size is there. Their content is for auditors to check. */
  holdsAll(size: number): Promise<boolean>;
};

/** Path of a bundle's envelopes, named as its tile is: `envelopes/x001/234`. */
export const envelopesPath = (bundle: number): string =>
  tilePath({ level: 'entries', index: bundle, width: TILE_WIDTH }).replace('tile/entries', 'envelopes');

export function openLogFiles(folder: string): LogFiles {
  const at = (path: string): string => join(folder, path);
  const lines = new Map<number, number>(); // bytes of the one envelope file that still grows
  const folders = new Set<string>(); // that have names in them not synced yet: one sync for all of a pass

  async function writeTiles(files: readonly TileFile[]): Promise<void> {
    for (const { tile, bytes } of files) {
      const path = at(tilePath(tile));
      await makeFolder(dirname(path), folder, folders);
      // A crash before the rename leaves a draft nobody reads; after it, the whole file.
      await replace(path, bytes);
    }
  }

  async function syncNames(): Promise<void> {
    for (const name of folders) {
      await syncFolder(name);
      folders.delete(name);
    }
  }

  async function writeEnvelopes(bundle: number, from: number, envelopes: readonly string[]): Promise<void> {
    const path = at(envelopesPath(bundle));
    const bytes = linesOf(envelopes);
    const known = lines.get(bundle);
    if (from === 0) {
      await makeFolder(dirname(path), folder, folders);
      await replace(path, bytes);
    } else {
      // Appended at the offset this process knows: a torn line of a run that died was replaced when it was begun again.
      if (known === undefined) throw new Error(`envelopes of bundle ${bundle} were not begun`);
      await writeAt(path, known, bytes);
    }
    lines.clear();
    lines.set(bundle, (from === 0 ? 0 : (known ?? 0)) + bytes.length);
  }

  const read = async (path: string): Promise<Uint8Array | undefined> => {
    try {
      return await readRegular(at(path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

  return {
    writeTiles,
    writeEnvelopes,
    syncNames,
    read,
    readEdge: (size) => readEdge(size, read),
    holdsAll: async (size) => {
      for (const { level, index, width } of tilesBetween(0, size)) {
        if (width < TILE_WIDTH) continue;
        const names = [
          tilePath({ level, index, width }),
          ...(level === 'entries' ? [envelopesPath(index)] : []),
        ];
        for (const name of names) if (!(await isThere(at(name)))) return false;
      }
      return true;
    },
    publish: async (name, text) => {
      await makeFolder(folder, dirname(folder), new Set());
      await replace(at(name), Buffer.from(text));
      await syncFolder(folder); // durable now: what everybody may see
    },
    dropPartials: async (tile) => {
      await rm(at(`${tilePath({ ...tile, width: TILE_WIDTH })}.p`), { recursive: true, force: true });
    },
  };
}

async function readEdge(
  size: number,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<Edge | undefined> {
  const levels: Uint8Array[] = [];
  const tiles = new Map<string, Uint8Array>();
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH;
    const tile: Tile = { level, index: Math.floor(count / TILE_WIDTH), width };
    const bytes = width === 0 ? new Uint8Array() : await read(tilePath(tile));
    if (bytes === undefined || bytes.length !== width * HASH_BYTES) return undefined;
    levels.push(bytes);
    tiles.set(`${level}/${tile.index}`, bytes);
    // A perfect subtree of 256^n ends a full tile; its root is in the level above, except for those on the edge itself.
  }
  const entries = await readTailEntries(size, read);
  if (entries === undefined) return undefined;
  try {
    const node = readerOverTiles(
      size,
      (tile) => tiles.get(`${tile.level}/${tile.index}`) ?? new Uint8Array(),
    );
    return { range: new CompactRange(size, nodesOf(0, size).map(node)), entries, levels };
  } catch {
    return undefined; // a tile is short or a hash is not one: made again from the store
  }
}

async function readTailEntries(
  size: number,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array[] | undefined> {
  const width = size % TILE_WIDTH;
  if (width === 0) return [];
  const bytes = await read(tilePath({ level: 'entries', index: Math.floor(size / TILE_WIDTH), width }));
  if (bytes === undefined) return undefined;
  try {
    const entries = decodeEntryBundle(bytes);
    return entries.length === width ? entries : undefined;
  } catch {
    return undefined; // cut short: made again from the store
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isFile() && found.size > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Never through a link: whoever may write here would have anything of ours served, or written over. Windows has no such flag. */
const NO_LINK = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;

async function readRegular(path: string): Promise<Uint8Array> {
  // A pipe is not waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | NO_LINK);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path}: is no file: move it away`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A link is none of our files either (ELOOP). */
const MISSING: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && MISSING.includes(error.code);

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`;
  const file = await open(draft, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function writeAt(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_RDWR | NO_LINK);
  try {
    await file.truncate(position);
    // A disk that fills up takes the beginning and says so; the next write then fails.
    for (let done = 0; done < bytes.length; )
      done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes `folder` and notes every folder between it and `top` whose names must be synced. */
async function makeFolder(folder: string, top: string, touched: Set<string>): Promise<void> {
  if (touched.has(folder)) return;
  const made = await mkdir(folder, { recursive: true, mode: 0o755 });
  touched.add(folder);
  if (made === undefined) return;
  for (let at = folder; at !== top && at.length > top.length; at = dirname(at)) touched.add(dirname(at));
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows has no fsync for folders
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
