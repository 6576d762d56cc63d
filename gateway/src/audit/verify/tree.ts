import {
  decodeEntryBundle,
  encodeHex,
  equalBytes,
  HASH_BYTES,
  LogError,
  leafHash,
  TILE_WIDTH,
  type Tile,
  tilePath,
} from '@countersign/core';
import { type TileFile, TreeWriter } from '../log/tree.ts';
import { readTile } from '../read/receipt.ts';
import type { Findings } from './report.ts';
import type { LogSource } from './source.ts';

export type Bundle = {
  readonly index: number;
  readonly first: number;
  readonly leaves: readonly Uint8Array[];
};
/** Told each bundle of leaves, in order. */
export type OnBundle = (bundle: Bundle) => Promise<void>;

/**
 * Hashes every entry, compares every tile, and returns the root the entries add up to. A bundle at a time in memory.
 * What differs is named where it lies: the tiles are a second copy of every hash.
 */
export async function checkTree(
  source: LogSource,
  {
    size,
    findings,
    onBundle,
  }: { readonly size: number; readonly findings: Findings; readonly onBundle: OnBundle },
): Promise<Uint8Array | undefined> {
  const tree = new TreeWriter();
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const index = first / TILE_WIDTH;
    const leaves = await readBundle(
      source,
      { level: 'entries', index, width: Math.min(TILE_WIDTH, size - first) },
      findings,
    );
    if (leaves === undefined) return undefined;
    for (const leaf of leaves) tree.append(leaf);
    await compareTiles(source, { files: tree.takeFull(), leaves, first }, findings);
    if (first + leaves.length === size)
      await compareTiles(source, { files: tree.takePartial(), leaves, first }, findings);
    await onBundle({ index, first, leaves });
  }
  return tree.root();
}

async function readBundle(
  source: LogSource,
  tile: Tile,
  findings: Findings,
): Promise<readonly Uint8Array[] | undefined> {
  const bytes = await readTile(source.read, tile);
  try {
    const leaves = bytes === undefined ? [] : decodeEntryBundle(bytes).slice(0, tile.width);
    if (leaves.length === tile.width) return leaves;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
  }
  findings.add(
    'missing',
    `${tilePath(tile)} is ${bytes === undefined ? 'not there' : 'cut short'}`,
    tile.index * TILE_WIDTH,
  );
  return undefined;
}

type Compared = {
  readonly files: readonly TileFile[];
  readonly leaves: readonly Uint8Array[];
  readonly first: number;
};

async function compareTiles(
  source: LogSource,
  { files, leaves, first }: Compared,
  findings: Findings,
): Promise<void> {
  for (const { tile, bytes } of files) {
    if (tile.level === 'entries') continue;
    const theirs = (await readTile(source.read, tile))?.subarray(0, bytes.length);
    if (theirs === undefined || theirs.length < bytes.length) {
      findings.add('missing', `${tilePath(tile)} is ${theirs === undefined ? 'not there' : 'cut short'}`);
    } else if (!equalBytes(bytes, theirs)) {
      if (tile.level === 0) nameLeaves({ theirs, leaves, first }, findings);
      // Above an entry that is already named, the hashes differ because it does.
      else if (!findings.has('entry-edited', 'reordered')) findings.add('tile-edited', tilePath(tile));
    }
  }
}

/** Which entries the hashes of the tile are not of. The same hashes in another order are entries in another order. */
function nameLeaves(
  { theirs, leaves, first }: { theirs: Uint8Array; leaves: readonly Uint8Array[]; first: number },
  findings: Findings,
): void {
  const ours = leaves.map((leaf) => encodeHex(leafHash(leaf)));
  const tiled = ours.map((_, at) => encodeHex(theirs.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)));
  const known = new Set(tiled);
  for (const [at, hash] of ours.entries()) {
    if (hash === tiled[at]) continue;
    const index = first + at;
    if (known.has(hash))
      findings.add('reordered', `entry ${index} belongs at ${first + tiled.indexOf(hash)}`, index);
    else findings.add('entry-edited', `entry ${index} does not have the hash its tile holds`, index);
  }
}
