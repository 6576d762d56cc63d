import { LogError } from '../error.ts';
import { HASH_BYTES, nodeHash } from '../hash.ts';
import { checkSize, type HashReader, type ProofPlan, type TreeNode } from '../plan.ts';
import { TILE_WIDTH, type Tile, tilePath } from './coordinates.ts';

/** How many tree levels one tile spans: 2^8 = 256. */
const TILE_HEIGHT = 8;

/**
 * The tiles a log of `to` entries must have that a log of `from` did not: full ones newly filled, and the last partial
 * one of each level. Entries before hashes, level by level, so that writing them in this order never lets a hash
 * stand without what it hashes.
 */
export function* tilesBetween(from: number, to: number): Generator<Tile> {
  checkSize(from);
  checkSize(to);
  yield* newTiles('entries', from, to);
  let before = from;
  let after = to;
  for (let level = 0; after > 0; level += 1) {
    yield* newTiles(level, before, after);
    before = Math.floor(before / TILE_WIDTH);
    after = Math.floor(after / TILE_WIDTH);
  }
}

function* newTiles(level: Tile['level'], before: number, after: number): Generator<Tile> {
  if (after <= before) return;
  for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index += 1) {
    yield { level, index, width: Math.min(TILE_WIDTH, after - index * TILE_WIDTH) };
  }
}

/** The tile that holds a node, in a tree of `size`; a node between tile levels is computed from the tile below it. */
export function tileOf(node: TreeNode, size: number): Tile {
  const { level, first } = placeOf(node);
  const index = Math.floor(first / TILE_WIDTH);
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
  if (width < 1)
    throw new LogError('out-of-range', `A tree of ${size} has no node ${node.level}/${node.index}`);
  return { level, index, width };
}

/** Every tile a plan needs, once. */
export function tilesFor(plan: ProofPlan, size: number): Tile[] {
  const tiles = new Map<string, Tile>();
  for (const node of plan.flat()) {
    const tile = tileOf(node, size);
    tiles.set(tilePath(tile), tile);
  }
  return [...tiles.values()];
}

/** Reads nodes out of tiles. `read` gives a tile's bytes; a wider tile of the same index serves as well. */
export function readerOverTiles(size: number, read: (tile: Tile) => Uint8Array): HashReader {
  return (node) => {
    const tile = tileOf(node, size);
    const { first, count } = placeOf(node);
    const bytes = read(tile);
    if (bytes.length < tile.width * HASH_BYTES || bytes.length % HASH_BYTES !== 0) {
      throw new LogError(
        'bad-bundle',
        `${tilePath(tile)} is ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`,
      );
    }
    const offset = first % TILE_WIDTH;
    if (offset + count > tile.width)
      throw new LogError('out-of-range', `${tilePath(tile)} ends before node ${node.index}`);
    return perfectRoot(bytes, offset, count);
  };
}

type Placed = { readonly level: number; readonly first: number; readonly count: number };

function placeOf({ level, index }: TreeNode): Placed {
  const count = 2 ** (level % TILE_HEIGHT);
  return { level: Math.floor(level / TILE_HEIGHT), first: index * count, count };
}

function perfectRoot(bytes: Uint8Array, first: number, count: number): Uint8Array {
  if (count === 1) return bytes.slice(first * HASH_BYTES, (first + 1) * HASH_BYTES);
  const half = count / 2;
  return nodeHash(perfectRoot(bytes, first, half), perfectRoot(bytes, first + half, half));
}
